import { useMemo } from "react";
import { useI18n } from "../../i18n/context";
import { diffWords, type Part } from "./lines";
import { dotted, type FieldChange, isMasked, shown } from "./values";

/** Field, old value, new value: what most readers want to know. */
export function FieldDiff({ changes }: { changes: readonly FieldChange[] }) {
  const { t } = useI18n();
  return (
    <table className="field-diff">
      <thead className="sr">
        <tr>
          <th scope="col">{t("diff.field")}</th>
          <th scope="col">{t("diff.before")}</th>
          <th scope="col">{t("diff.after")}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <FieldRow key={change.path} change={change} />
        ))}
      </tbody>
    </table>
  );
}

function FieldRow({ change }: { change: FieldChange }) {
  const { t } = useI18n();
  const [old, now] = useMemo(() => sides(change), [change]);
  return (
    <tr>
      <th scope="row" className={change.name === undefined ? "mono" : ""} title={change.path}>
        {(change.name ?? dotted(change.path)) || t("diff.whole")}
      </th>
      <td>
        {change.kind === "added" ? (
          <span className="dim">{t("diff.absent")}</span>
        ) : (
          <del className="mono">
            <Parts parts={old} />
          </del>
        )}
      </td>
      <td>
        {change.kind === "removed" ? (
          <span className="dim">{t("diff.removed")}</span>
        ) : (
          <ins className="mono">
            <Parts parts={now} />
          </ins>
        )}
        {(isMasked(change.before) || isMasked(change.after)) && <span className="diff-masked">{t("diff.masked")}</span>}
      </td>
    </tr>
  );
}

const MARKED_FROM = 24;

/** Long values have the words marked that changed; short ones are the change. */
function sides({ kind, before, after }: FieldChange): [Part[], Part[]] {
  const [old, now] = [shown(before), shown(after)];
  if (kind === "changed" && Math.max(old.length, now.length) >= MARKED_FROM) return diffWords(old, now);
  return [[{ text: old, changed: false }], [{ text: now, changed: false }]];
}

export function Parts({ parts }: { parts: readonly Part[] }) {
  return parts.map((part, index) => (part.changed ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>));
}
