import { useMemo, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Segments } from "../Segments";
import { FieldDiff } from "./FieldDiff";
import { diffLines } from "./lines";
import { SideBySide, Unified } from "./TextDiff";
import type { FieldChange } from "./values";

export type DiffView = "fields" | "unified" | "split";

interface Props {
  changes: readonly FieldChange[];
  /** Both texts as a whole; none = only fields are known. */
  texts?: { before: string; after: string } | undefined;
  /** What the sides are called, for readers who do not see the colours. */
  names: { before: string; after: string };
  view: DiffView;
  onView: (view: DiffView) => void;
}

/** What differs between two states: field by field, or in the text, one below or beside the other. */
export function Diff({ changes, texts, names, view, onView }: Props) {
  const { t } = useI18n();
  const lines = useMemo(() => (texts ? diffLines(texts.before, texts.after) : []), [texts]);
  const [whole, setWhole] = useState(false);
  const shown = texts ? view : "fields";
  if (changes.length === 0 && !lines.some((line) => line.kind !== "same")) {
    return <p className="diff-none dim">{t("diff.none", names)}</p>;
  }
  return (
    <div className="diff">
      {texts && (
        <div className="diff-tools">
          <Segments
            label={t("diff.view")}
            value={shown}
            options={(["fields", "unified", "split"] as const).map((value) => ({ value, label: t(`diff.view.${value}`) }))}
            onChange={onView}
          />
          {shown !== "fields" && (
            <button type="button" className="button ghost small" aria-pressed={whole} onClick={() => setWhole(!whole)}>
              {t(whole ? "diff.fold" : "diff.unfold")}
            </button>
          )}
          <span className="dim small">{t("diff.sides", names)}</span>
        </div>
      )}
      {shown === "fields" && <FieldDiff changes={changes} />}
      {shown === "unified" && <Unified key={String(whole)} lines={lines} whole={whole} />}
      {shown === "split" && <SideBySide key={String(whole)} lines={lines} whole={whole} names={names} />}
    </div>
  );
}
