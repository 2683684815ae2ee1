import { useState } from "react";
import { drainAgent, patchAgent, revokeAgent, undrainAgent, useGroupList, useRenew } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Order, Target } from "../../../ui/action/types";
import { labelsOf } from "./labels";

export type Act = "drain" | "undrain" | "move" | "labels" | "revoke";

interface Props {
  act: Act;
  targets: readonly Target[];
  close: () => void;
  /** Values that the fields begin with, when it is one agent. */
  group?: string;
  labels?: Record<string, string>;
}

/** One act on one agent or many, with its fields, its reason and its way back. */
export function AgentAct({ act, targets, close, group: oldGroup = "", labels: oldLabels = {} }: Props) {
  const { t } = useI18n();
  const renew = useRenew();
  const [group, setGroup] = useState(oldGroup);
  const [text, setText] = useState("");
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const labels = labelsOf(text, dropped);
  const count = targets.length;
  const [only] = targets;
  const ready = act === "labels" ? labels !== null && Object.keys(labels).length > 0 : act !== "move" || group !== oldGroup || count > 1;

  const once = (id: string, { reason }: Order): Promise<unknown> => {
    if (act === "drain") return drainAgent(id, reason);
    if (act === "undrain") return undrainAgent(id, reason);
    if (act === "revoke") return revokeAgent(id, reason);
    return patchAgent(id, act === "move" ? { group, reason } : { labels: labels ?? {}, reason });
  };
  const run = async (order: Order, target?: Target): Promise<unknown> => {
    const result = await once((target ?? only)?.key ?? "", order);
    renew();
    return result;
  };
  const back = async (): Promise<void> => {
    const id = only?.key ?? "";
    const reason = t("agents.undone");
    if (act === "drain") await undrainAgent(id, reason);
    else if (act === "undrain") await drainAgent(id, reason);
    else if (act === "move") await patchAgent(id, { group: oldGroup, reason });
    else await patchAgent(id, { labels: restored(labels ?? {}, oldLabels), reason });
    renew();
  };
  const name = only?.name ?? "";
  return (
    <ActionDialog
      title={count === 1 ? t(`agents.act.${act}.one`, { name }) : t(`agents.act.${act}.many`, { count })}
      act={t(`agents.act.${act}.do`, { count })}
      close={close}
      ready={ready}
      previewKey={`${group} ${text} ${dropped.join(" ")}`}
      preview={() =>
        Promise.resolve({
          affected: { count, names: targets.map((one) => one.name) },
          picture: <p>{t(`agents.act.${act}.effect`)}</p>,
          risk: act === "revoke" ? "high" : "low",
          ...(act === "revoke" ? {} : { wayBack: t(`agents.act.${act}.back`) }),
        })
      }
      run={run}
      {...(count > 1 ? { targets } : act === "revoke" ? {} : { undo: back })}
      {...(act === "revoke" ? { typed: count === 1 ? name : String(count) } : {})}
      reason={act === "revoke" ? "required" : "auto"}
      done={() => t(`agents.act.${act}.done`, { count })}
    >
      {act === "move" && <GroupChoice value={group} set={setGroup} />}
      {act === "labels" && (
        <LabelFields text={text} setText={setText} wrong={labels === null} old={count === 1 ? oldLabels : {}} dropped={dropped} setDropped={setDropped} />
      )}
    </ActionDialog>
  );
}

/** What puts labels back as they were. */
const restored = (changed: Record<string, string | null>, old: Record<string, string>): Record<string, string | null> =>
  Object.fromEntries(Object.keys(changed).map((name) => [name, old[name] ?? null]));

function GroupChoice({ value, set }: { value: string; set: (value: string) => void }) {
  const { t } = useI18n();
  const groups = useGroupList().data?.items ?? [];
  return (
    <div className="form-row">
      <label>
        <span>{t("agents.move.to")}</span>
        <select className="input" value={value} onChange={(event) => set(event.target.value)}>
          <option value="">{t("agents.move.none")}</option>
          {groups.map(({ group_id, name, agents }) => (
            <option key={group_id} value={group_id}>
              {t("agents.move.group", { name, count: agents })}
            </option>
          ))}
        </select>
      </label>
      <p className="dim small">{t("agents.move.hint")}</p>
    </div>
  );
}

interface LabelProps {
  text: string;
  setText: (text: string) => void;
  wrong: boolean;
  old: Record<string, string>;
  dropped: readonly string[];
  setDropped: (names: readonly string[]) => void;
}

function LabelFields({ text, setText, wrong, old, dropped, setDropped }: LabelProps) {
  const { t } = useI18n();
  return (
    <div className="form-row">
      <label>
        <span>{t("agents.labels.set")}</span>
        <input
          className="input mono"
          type="text"
          value={text}
          aria-invalid={wrong}
          placeholder={t("agents.labels.hint")}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      {wrong && <p className="field-error">{t("agents.labels.wrong")}</p>}
      {Object.keys(old).length > 0 && (
        <div className="chips" role="group" aria-label={t("agents.labels.drop")}>
          {Object.entries(old).map(([name, value]) => (
            <button
              key={name}
              type="button"
              className="chip mono"
              aria-pressed={dropped.includes(name)}
              onClick={() => setDropped(dropped.includes(name) ? dropped.filter((one) => one !== name) : [...dropped, name])}
            >
              {dropped.includes(name) ? <s>{`${name}=${value}`}</s> : `${name}=${value}`}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
