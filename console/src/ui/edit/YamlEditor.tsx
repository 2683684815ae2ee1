import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import type { DocumentFault } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { Glyph } from "../Status";
import { FaultText } from "./FaultText";

interface Props {
  text: string;
  setText: (text: string) => void;
  /** What is wrong with it, each with its line. */
  faults: readonly DocumentFault[];
  readOnly: boolean;
  /** What the text is. */
  label: string;
}

/** A document as text, with the lines of faults marked. */
export function YamlEditor({ text, setText, faults, readOnly, label }: Props) {
  const { t } = useI18n();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const count = text.split("\n").length;
  const wrong = useMemo(() => new Set(faults.map(({ line }) => line)), [faults]);
  useEffect(() => {
    if (area.current) area.current.style.height = `${Math.max(18, count + 1) * LINE_PX + 16}px`;
  }, [count]);
  const indent = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const { selectionStart: from, selectionEnd: to } = event.currentTarget;
    if (event.key !== "Tab" || event.shiftKey || event.altKey || from !== to) return;
    const before = text.slice(text.lastIndexOf("\n", from - 1) + 1, from);
    if (before.trim() !== "" || !before) return; // within a line, and at its begin, the key leads on
    event.preventDefault();
    setText(`${text.slice(0, from)}  ${text.slice(to)}`);
    const place = event.currentTarget;
    requestAnimationFrame(() => place.setSelectionRange(from + 2, from + 2));
  };
  const jump = (line: number): void => {
    const place = text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(place, place);
  };
  return (
    <>
      <div className="yaml-edit">
        <div className="yaml-gutter" ref={gutter} aria-hidden="true">
          {Array.from({ length: count }, (_, index) => (
            <span key={index} className={wrong.has(index + 1) ? "wrong" : ""}>
              {wrong.has(index + 1) && <Glyph tone="crit" size={9} />}
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          className="mono"
          aria-label={label}
          aria-invalid={faults.length > 0}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          readOnly={readOnly}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={indent}
        />
      </div>
      <FaultList faults={faults} jump={jump} />
      <p className="dim small">{t("edit.yaml.comments")}</p>
    </>
  );
}

const LINE_PX = 19;

function FaultList({ faults, jump }: { faults: readonly DocumentFault[]; jump: (line: number) => void }) {
  const { t } = useI18n();
  if (faults.length === 0) return null;
  return (
    <ul className="fault-list">
      {faults.map((fault) => (
        <li key={`${fault.pointer} ${fault.code} ${fault.message}`}>
          {fault.line !== null && (
            <button type="button" className="button ghost small" onClick={() => jump(fault.line ?? 1)}>
              {t("edit.line", { line: fault.line })}
            </button>
          )}
          {fault.pointer && <code className="mono small dim">{fault.pointer}</code>}
          <FaultText fault={fault} />
        </li>
      ))}
    </ul>
  );
}
