import { useState } from "react";
import { actOnAgent, type AgentDeed, rehearseAgent, useGroupList, useRenew } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { orderOf } from "../../../ui/action/order";
import type { Order, Preview, Target } from "../../../ui/action/types";
import { usePreview } from "../../../ui/action/usePreview";
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
  const preview = usePreview();
  const [group, setGroup] = useState(oldGroup);
  const [text, setText] = useState("");
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const labels = labelsOf(text, dropped);
  const count = targets.length;
  const [only] = targets;
  const ready = act === "labels" ? labels !== null && Object.keys(labels).length > 0 : act !== "move" || group !== oldGroup || count > 1;

  const deedOf = (kind: Act): AgentDeed => {
    if (kind === "drain" || kind === "undrain" || kind === "revoke") return { kind };
    return { kind: "patch", patch: kind === "move" ? { group } : { labels: labels ?? {} } };
  };
  const run = async (order: Order, target?: Target): Promise<unknown> => {
    const result = await actOnAgent((target ?? only)?.key ?? "", deedOf(act), order);
    renew();
    return result;
  };
  const back = async (): Promise<void> => {
    const id = only?.key ?? "";
    const order = orderOf(t("agents.undone"));
    if (act === "drain" || act === "undrain") await actOnAgent(id, deedOf(act === "drain" ? "undrain" : "drain"), order);
    else await actOnAgent(id, { kind: "patch", patch: act === "move" ? { group: oldGroup } : { labels: restored(labels ?? {}, oldLabels) } }, order);
    renew();
  };
  /** What it means for one agent is asked of the server, with the revision that was looked at; for many it is said. */
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const said = {
      affected: { count, names: targets.map((one) => one.name) },
      picture: <p>{t(`agents.act.${act}.effect`)}</p>,
      risk: act === "revoke" ? ("high" as const) : ("low" as const),
      ...(act === "revoke" ? {} : { wayBack: t(`agents.act.${act}.back`) }),
    };
    if (count !== 1 || !only) return said;
    const { risk, why, revision } = preview(await rehearseAgent(only.key, deedOf(act), signal));
    return { ...said, ...(risk ? { risk } : {}), ...(why ? { why } : {}), ...(revision ? { revision } : {}) };
  };
  const name = only?.name ?? "";
  return (
    <ActionDialog
      title={count === 1 ? t(`agents.act.${act}.one`, { name }) : t(`agents.act.${act}.many`, { count })}
      act={t(`agents.act.${act}.do`, { count })}
      close={close}
      ready={ready}
      previewKey={`${group} ${text} ${dropped.join(" ")}`}
      preview={ahead}
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
