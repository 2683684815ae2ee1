import type { Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { childOf } from "../cond/ConditionView";
import { asGroup, type Condition, type ConditionKind, fresh, GROUPS, type GroupKind, kindOf, LEAVES, partsOf } from "../cond/conditions";
import { LeafFields } from "./LeafFields";
import { useFaultsAt } from "./form";

interface Props {
  value: Json | undefined;
  pointer: string;
  set: (value: Condition) => void;
  /** Takes it out of its group; none = it stands alone. */
  remove?: () => void;
  move?: (by: 1 | -1) => void;
}

/** A tree of conditions: groups with what stands in them, each of any kind. */
export function ConditionEditor({ value, pointer, set, remove, move }: Props) {
  const { t } = useI18n();
  const condition = isBlock(value) ? value : {};
  const kind = kindOf(condition);
  const faults = useFaultsAt(pointer, kind !== undefined && GROUPS.some((one) => one === kind));
  const choose = (next: ConditionKind): void => {
    const toGroup = GROUPS.find((one) => one === next);
    const isGroup = GROUPS.some((one) => one === kind);
    set(toGroup ? (isGroup ? asGroup(condition, toGroup) : asGroup({ all: kind ? [condition] : [] }, toGroup)) : fresh(next));
  };
  const group = GROUPS.find((one) => one === kind);
  return (
    <div className={group ? "cond-group edit" : "cond-leaf edit"}>
      <div className="cond-row">
        <select className="input cond-kind" aria-label={t("cond.kind")} value={kind ?? ""} onChange={(event) => choose(event.target.value as ConditionKind)}>
          {kind === undefined && <option value="">{t("cond.unknown")}</option>}
          <optgroup label={t("cond.conditions")}>
            {LEAVES.map((one) => (
              <option key={one} value={one}>
                {t(`cond.${one}`)}
              </option>
            ))}
          </optgroup>
          <optgroup label={t("cond.groups")}>
            {GROUPS.map((one) => (
              <option key={one} value={one}>
                {t(`cond.${one}`)}
              </option>
            ))}
          </optgroup>
        </select>
        {!group && kind !== undefined && <LeafFields kind={kind} condition={condition} set={set} />}
        <span className="cond-tools">
          {move && (
            <>
              <Tool name="up" label={t("cond.up")} act={() => move(-1)} />
              <Tool name="down" label={t("cond.down")} act={() => move(1)} />
            </>
          )}
          {remove && <Tool name="x" label={t("cond.remove")} act={remove} />}
        </span>
      </div>
      {faults.map((fault) => (
        <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />
      ))}
      {group && <Parts group={group} condition={condition} pointer={pointer} set={set} />}
    </div>
  );
}

function Tool({ name, label, act }: { name: "up" | "down" | "x"; label: string; act: () => void }) {
  return (
    <button type="button" className="button ghost small square" aria-label={label} title={label} onClick={act}>
      <Icon name={name} size={12} />
    </button>
  );
}

function Parts({ group, condition, pointer, set }: { group: GroupKind; condition: Condition; pointer: string; set: (value: Condition) => void }) {
  const { t } = useI18n();
  const parts = partsOf(condition);
  const put = (next: Json[]): void => set(group === "not" ? { not: next[0] ?? {} } : { [group]: next });
  const moved = (index: number, by: 1 | -1): void => {
    const [one, other] = [parts[index], parts[index + by]];
    if (one === undefined || other === undefined) return;
    put(parts.map((part, at) => (at === index ? other : at === index + by ? one : part)));
  };
  return (
    <>
      <ul className="cond-parts">
        {parts.map((part, index) => (
          <li key={index}>
            <ConditionEditor
              value={part}
              pointer={childOf(pointer, group, index)}
              set={(next) => put(parts.map((one, at) => (at === index ? next : one)))}
              {...(group === "not" ? {} : { remove: () => put(parts.filter((_, at) => at !== index)), ...(parts.length > 1 ? { move: (by: 1 | -1) => moved(index, by) } : {}) })}
            />
          </li>
        ))}
      </ul>
      {parts.length === 0 && <p className="dim small">{t("cond.always")}</p>}
      {group !== "not" && (
        <p className="row">
          <button type="button" className="button ghost small" onClick={() => put([...parts, fresh("path")])}>
            {t("cond.add")}
          </button>
          <button type="button" className="button ghost small" onClick={() => put([...parts, { any: [fresh("suffix")] }])}>
            {t("cond.add.group")}
          </button>
        </p>
      )}
    </>
  );
}
