import type { Json } from "../../../api/configs";
import type { Trace } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { Status } from "../../../ui/Status";
import { GROUPS, type GroupKind, kindOf, type LeafKind, partsOf } from "./conditions";
import { sayLeaf, sayValue } from "./say";

interface Props {
  condition: Json | undefined;
  /** What became of each condition when an event was tried, by its pointer. */
  traces?: ReadonlyMap<string, Trace> | undefined;
  pointer?: string;
}

/** All conditions of a tree by their pointers. */
export function byPointer(trace: Trace | null | undefined, found = new Map<string, Trace>()): Map<string, Trace> {
  if (!trace) return found;
  found.set(trace.pointer, trace);
  for (const child of trace.children) byPointer(child, found);
  return found;
}

/** A condition to be read: groups with what stands in them, and with a tried event what became of each. */
export function ConditionView({ condition, traces, pointer = "/when" }: Props) {
  const { t } = useI18n();
  const kind = kindOf(condition);
  if (!isBlock(condition) || kind === undefined) return <p className="dim">{t("cond.unknown")}</p>;
  const trace = traces?.get(pointer);
  const group = GROUPS.find((one) => one === kind);
  if (!group) return <Leaf kind={kind as LeafKind} condition={condition} trace={trace} />;
  const parts = partsOf(condition);
  return (
    <div className={`cond-group ${trace ? (trace.ok ? "yes" : "no") : ""}`}>
      <div className="cond-head">
        {trace && <Verdict ok={trace.ok} />}
        {parts.length === 0 ? t("cond.always") : t(`cond.${group}`)}
      </div>
      {parts.length > 0 && (
        <ul className="cond-parts">
          {parts.map((part, index) => (
            <li key={index}>
              <ConditionView condition={part} traces={traces} pointer={childOf(pointer, group, index)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export const childOf = (pointer: string, kind: GroupKind, index: number): string => (kind === "not" ? `${pointer}/not` : `${pointer}/${kind}/${index}`);

function Leaf({ kind, condition, trace }: { kind: LeafKind; condition: Record<string, Json>; trace: Trace | undefined }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { what, how, values } = sayLeaf(kind, condition, i18n);
  return (
    <div className={`cond-leaf ${trace ? (trace.ok ? "yes" : "no") : ""}`}>
      {trace && <Verdict ok={trace.ok} />}
      <span className="cond-what">{what}</span>
      <span className="dim">{how}</span>
      {values.map((value, index) => (
        <code key={index} className="cond-value">
          {value}
        </code>
      ))}
      {condition["ignore_case"] === true && <span className="dim small">{t("cond.ignore_case")}</span>}
      {trace && (
        <span className="cond-seen">
          {trace.present ? t("cond.seen") : t("cond.absent")} {trace.present && <code>{sayValue(kind, trace.seen as Json, i18n) || '""'}</code>}
        </span>
      )}
    </div>
  );
}

function Verdict({ ok }: { ok: boolean }) {
  const { t } = useI18n();
  return (
    <Status tone={ok ? "ok" : "crit"} bare>
      {ok ? t("cond.yes") : t("cond.no")}
    </Status>
  );
}
