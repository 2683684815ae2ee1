import { Fragment, useMemo, useState } from "react";
import { useI18n } from "../../i18n/context";
import { Parts } from "./FieldDiff";
import { type Fold, folded, type Line, type Pair, sideBySide } from "./lines";
import { MASK } from "./values";

const CONTEXT = 3;

interface Props {
  lines: readonly Line[];
  /** Nothing is folded. */
  whole: boolean;
}

/** One text, removed lines above those that came. */
export function Unified({ lines, whole }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => (whole ? [...lines] : folded(lines, CONTEXT)), [lines, whole]);
  return (
    <div className="text-diff" tabIndex={0} role="group" aria-label={t("diff.view.unified")}>
      <table>
        <colgroup>
          <col className="c-line" />
          <col className="c-line" />
          <col className="c-sign" />
          <col />
        </colgroup>
        <tbody>
          {rows.map((row, index) =>
            row.kind !== "fold" ? (
              <UnifiedRow key={index} line={row} />
            ) : open.has(index) ? (
              <Fragment key={index}>
                {row.lines.map((line) => (
                  <UnifiedRow key={line.new} line={line} />
                ))}
              </Fragment>
            ) : (
              <FoldRow key={index} fold={row} span={4} open={() => setOpen(new Set([...open, index]))} />
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

const SIGN = { same: " ", old: "−", new: "+" } as const;

function UnifiedRow({ line }: { line: Line }) {
  const { t } = useI18n();
  return (
    <tr className={line.kind}>
      <td className="ln">{line.old}</td>
      <td className="ln">{line.new}</td>
      <td className="sign">
        <span aria-hidden="true">{SIGN[line.kind]}</span>
        {line.kind !== "same" && <span className="sr">{t(line.kind === "old" ? "diff.removed" : "diff.added")}</span>}
      </td>
      <td className="text">
        <Parts parts={line.parts} />
        <Masked line={line} />
      </td>
    </tr>
  );
}

/** Both texts in columns; what was replaced stands beside what replaces it. */
export function SideBySide({ lines, whole, names }: Props & { names: { before: string; after: string } }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const { t } = useI18n();
  const rows = useMemo(() => sideBySide(whole ? lines : folded(lines, CONTEXT)), [lines, whole]);
  return (
    <div className="text-diff split" tabIndex={0} role="group" aria-label={t("diff.view.split")}>
      <table>
        <colgroup>
          <col className="c-line" />
          <col />
          <col className="c-line" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th colSpan={2} scope="colgroup">{names.before}</th>
            <th colSpan={2} scope="colgroup">{names.after}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) =>
            "left" in row ? (
              <PairRow key={index} pair={row} />
            ) : open.has(index) ? (
              <Fragment key={index}>
                {row.lines.map((line) => (
                  <PairRow key={line.new} pair={{ left: line, right: line }} />
                ))}
              </Fragment>
            ) : (
              <FoldRow key={index} fold={row} span={4} open={() => setOpen(new Set([...open, index]))} />
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

function PairRow({ pair: { left, right } }: { pair: Pair }) {
  return (
    <tr>
      <td className={`ln ${sideClass(left)}`}>{left?.old}</td>
      <td className={`text ${sideClass(left)}`}>
        {left && <Parts parts={left.parts} />}
        {left && <Masked line={left} />}
      </td>
      <td className={`ln ${sideClass(right)}`}>{right?.new}</td>
      <td className={`text ${sideClass(right)}`}>
        {right && <Parts parts={right.parts} />}
        {right && <Masked line={right} />}
      </td>
    </tr>
  );
}

const sideClass = (line: Line | null): string => (line === null ? "void" : line.kind === "same" ? "" : `${line.kind}-side`);

function Masked({ line }: { line: Line }) {
  const { t } = useI18n();
  return line.parts.some((part) => part.text.includes(MASK)) ? <span className="diff-masked">{t("diff.masked")}</span> : null;
}

function FoldRow({ fold, span, open }: { fold: Fold; span: number; open: () => void }) {
  const { t } = useI18n();
  return (
    <tr className="fold">
      <td colSpan={span}>
        <button type="button" onClick={open}>
          {t("diff.more", { count: fold.lines.length })}
        </button>
      </td>
    </tr>
  );
}
