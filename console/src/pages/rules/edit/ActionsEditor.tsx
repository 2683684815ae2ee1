import type { Document, Json } from "../../../api/configs";
import { useKinds } from "../../../api/tasks";
import { useMay } from "../../../api/account";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { typedOf } from "../cond/conditions";
import { Choice, JsonField, LinesField, TextField } from "./controls";
import { useFaultsAt, useKey } from "./form";
import { SchemaFields } from "./SchemaFields";

/** What there is at least, for those who may not ask. */
const OWN = ["UPLOAD", "WEBHOOK", "SCRIPT", "ARCHIVE", "NOTIFY", "FLOW"];

/** What is to be done, one after the other. */
export function ActionsEditor() {
  const { t } = useI18n();
  const { value, set } = useKey("then");
  const kinds = useKinds("rule", useMay()("tasks:read")).data;
  const actions = Array.isArray(value) ? value : [];
  const names = kinds?.map(({ type }) => type) ?? OWN;
  const put = (index: number, next: Json): void => set(actions.map((one, at) => (at === index ? next : one)));
  const faults = useFaultsAt("/then").filter(({ pointer }) => pointer === "/then");
  return (
    <>
      {faults.map((fault) => (
        <FaultText key={fault.message} fault={fault} />
      ))}
      {actions.length === 0 && <p className="dim small">{t("rule.then.none")}</p>}
      {actions.map((action, index) => (
        <OneAction
          key={index}
          number={index}
          action={isBlock(action) ? action : {}}
          kinds={names}
          schema={kinds?.find(({ type }) => isBlock(action) && type === action["action"])?.config_schema as Document | null | undefined}
          set={(next) => put(index, next)}
          remove={() => set(actions.filter((_, at) => at !== index))}
        />
      ))}
      <button type="button" className="button ghost small" onClick={() => set([...actions, { action: "WEBHOOK", config: { url: "https://", body: { path: "${path}" } } }])}>
        {t("act.add")}
      </button>
    </>
  );
}

interface Props {
  number: number;
  action: Document;
  kinds: readonly string[];
  schema: Document | null | undefined;
  set: (action: Document) => void;
  remove: () => void;
}

function OneAction({ number, action, kinds, schema, set, remove }: Props) {
  const { t } = useI18n();
  const pointer = `/then/${number}`;
  const faults = useFaultsAt(pointer).filter((fault) => !fault.pointer.startsWith(`${pointer}/config/`));
  const kind = typedOf(action["action"]);
  const config = isBlock(action["config"]) ? action["config"] : {};
  const put = (key: string, value: Json | undefined): void => {
    const { [key]: _, ...rest } = action;
    set(value === undefined ? rest : { ...action, [key]: value });
  };
  const known = kinds.includes(kind) ? kinds : [kind, ...kinds];
  const key = action["key"];
  return (
    <fieldset className="act edit">
      <legend>
        <Choice label={t("act.kind")} value={kind} options={known.map((one) => [one, one] as const)} set={(next) => set({ ...action, action: next, config: {} })} />
        <button type="button" className="button ghost small square" aria-label={t("act.remove", { number: number + 1 })} title={t("act.remove", { number: number + 1 })} onClick={remove}>
          <Icon name="x" size={12} />
        </button>
      </legend>
      {faults.map((fault) => (
        <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />
      ))}
      {kind === "NOTIFY" && <p className="notice">{t("task.notify.none")}</p>}
      {schema ? (
        <SchemaFields kind={kind} schema={schema} value={config} set={(next) => put("config", next)} pointer={`${pointer}/config`} />
      ) : (
        <JsonField label={t("act.config")} value={config} set={(next) => put("config", next ?? {})} rows={4} />
      )}
      <details className="schema-block" open={["name", "key", "urgency", "run_on"].some((one) => action[one] !== undefined)}>
        <summary>{t("act.more")}</summary>
        <div className="act-more">
          <Choice label={t("act.run_on")} hidden={false} value={typedOf(action["run_on"])} options={[["", t("act.usual")], ["agent", t("act.run_on.agent")], ["centre", t("act.run_on.centre")]]} set={(next) => put("run_on", next || undefined)} />
          <Choice label={t("act.urgency")} hidden={false} value={typedOf(action["urgency"])} options={[["", t("act.usual")], ["low", t("act.urgency.low")], ["normal", t("act.urgency.normal")], ["high", t("act.urgency.high")]]} set={(next) => put("urgency", next || undefined)} />
          <Choice label={t("act.key")} hidden={false} value={Array.isArray(key) ? "own" : typedOf(key)} options={[["", t("act.usual")], ["event", t("act.key.event")], ["file", t("act.key.file")], ["content", t("act.key.content")], ["own", t("act.key.own")]]} set={(next) => put("key", next === "own" ? ["${path}"] : next || undefined)} />
          {Array.isArray(key) && <LinesField label={t("act.key.own")} value={key} set={(next) => put("key", Array.isArray(next) ? next : [next ?? ""])} read={(line) => line} />}
          <TextField label={t("act.name")} hidden={false} value={action["name"]} set={(next) => put("name", next)} hint={String(number)} />
        </div>
      </details>
    </fieldset>
  );
}
