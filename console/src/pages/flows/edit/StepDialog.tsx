import { useId, useState } from "react";
import { useKinds } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { Dialog } from "../../../ui/Dialog";
import { SchemaForm } from "../../../ui/form/SchemaForm";
import type { Json, Schema } from "../../../ui/form/schema";
import { AgentInput } from "../../tasks/make/AgentInput";
import { Others, StepCare } from "./StepCare";
import { useStepFaults } from "./useStepFaults";
import { type FlowDocument, freeId, idOf, mayPrecede, namesOf, needsOf, type Step, stepsOf, withoutStep, withStep } from "./steps";

interface Props {
  document: FlowDocument;
  /** The step that is changed; "" = a new one. */
  id: string;
  put: (document: FlowDocument) => void;
  close: () => void;
}

const APPROVAL = "APPROVAL";
const AGENT_KINDS = ["UPLOAD", "ARCHIVE", "SCRIPT"];
const ANY: Schema = { properties: { config: {} } };

/** A step as a form; the document follows, and the server judges it there. */
export function StepDialog({ document, id: old, put, close }: Props) {
  const { t } = useI18n();
  const form = useId();
  const kinds = useKinds("step").data ?? [];
  const before = stepsOf(document).find((step) => idOf(step) === old);
  const [step, setStep] = useState<Step>(() => before ?? { id: freeId(document), action: "WEBHOOK", needs: stepsOf(document).slice(-1).map(idOf), config: {} });
  const kind = kinds.find(({ type }) => type === step["action"]);
  const set = (key: string, value: Json | undefined): void => {
    const { [key]: _, ...rest } = step;
    setStep(value === undefined ? rest : { ...rest, [key]: value });
  };
  const action = String(step["action"] ?? "");
  const names = [...new Set([...kinds.map(({ type }) => type), APPROVAL, action])].filter(Boolean);
  const schema = kind?.config_schema ?? ANY;
  const hasSchema = kind?.config_schema != null;
  const config = step["config"];
  const needs = needsOf(step);
  const taken = idOf(step) !== old && stepsOf(document).some((one) => idOf(one) === idOf(step));
  const earlier = mayPrecede(document, old || idOf(step));
  const good = /^[a-z0-9][a-z0-9_-]{0,39}$/.test(idOf(step)) && !taken;
  const judged = useStepFaults(document, old, step);
  const done = (): void => {
    put(withStep(document, old, step));
    close();
  };
  return (
    <Dialog
      title={t(before ? "flow.step.edit" : "flow.edit.new")}
      close={close}
      width={640}
      lightly={false}
      footer={
        <div className="action-foot">
          {before && <button type="button" className="button danger-quiet" onClick={() => (put(withoutStep(document, old)), close())}>{t("flow.step.remove")}</button>}
          <span className="grow" />
          <button type="button" className="button" onClick={close}>{t("action.cancel")}</button>
          <button type="button" className="button primary" disabled={!good} onClick={done}>{t("flow.step.put")}</button>
        </div>
      }
    >
      <div className="schema-form">
        <div className="form-grid two">
          <div className="form-row">
            <label htmlFor={`${form}-id`}>{t("flow.step.id")}</label>
            <input id={`${form}-id`} className="input mono" type="text" autoComplete="off" spellCheck={false} aria-invalid={!good} value={idOf(step)} onChange={(event) => set("id", event.target.value)} />
            {!good && <p className="field-error">{t(taken ? "flow.step.id.taken" : "flow.step.id.wrong")}</p>}
          </div>
          <div className="form-row">
            <label htmlFor={`${form}-title`}>{t("flow.step.title")}</label>
            <input id={`${form}-title`} className="input" type="text" autoComplete="off" value={typeof step["title"] === "string" ? step["title"] : ""} onChange={(event) => set("title", event.target.value || undefined)} />
          </div>
          <div className="form-row">
            <label htmlFor={`${form}-action`}>{t("flow.step.does")}</label>
            <select id={`${form}-action`} className="input" value={action} onChange={(event) => setStep(({ config: _c, agent: _a, retry: _r, timeout_s: _t, compensate: _k, ...rest }) => ({ ...rest, action: event.target.value, ...(event.target.value === APPROVAL ? {} : { config: {} }) }))}>
              {names.map((one) => <option key={one} value={one}>{one === APPROVAL ? t("flow.approval") : one}</option>)}
            </select>
          </div>
          {AGENT_KINDS.includes(action) && (
            <div className="form-row">
              <label htmlFor={`${form}-agent`}>{t("flow.step.agent")}</label>
              <AgentInput id={`${form}-agent`} placeholder={"${agent_id}"} value={typeof step["agent"] === "string" ? step["agent"] : ""} set={(agent) => set("agent", agent || undefined)} />
            </div>
          )}
        </div>
        {action === "NOTIFY" && <p className="notice">{t("task.notify.none")}</p>}
        {earlier.length > 0 && <fieldset className="schema-section">
          <legend className="small">{t("flow.step.needs")}</legend>
          <div className="chips">
            {earlier.map((one) => (
              <label key={one} className="chip">
                <input type="checkbox" checked={needs.includes(one)} onChange={(event) => set("needs", event.target.checked ? [...needs, one] : needs.filter((need) => need !== one))} />
                {one}
              </label>
            ))}
          </div>
        </fieldset>}
        {action === APPROVAL ? (
          <label className="row">
            <input type="checkbox" checked={(config as { four_eyes?: Json } | undefined)?.four_eyes === true} onChange={(event) => set("config", event.target.checked ? { four_eyes: true } : undefined)} />
            {t("flow.step.four")}
          </label>
        ) : (
          <>
            <SchemaForm
              key={action}
              words="task.field"
              schema={schema}
              value={hasSchema ? config : config === undefined ? undefined : { config }}
              set={(next) => set("config", (hasSchema ? next : (next as { config?: Json } | undefined)?.config) ?? {})}
              faults={judged.filter(({ pointer }) => pointer.startsWith("/config")).map((fault) => (hasSchema ? { ...fault, pointer: fault.pointer.slice("/config".length) } : fault))}
            />
            <label className="row">
              <input type="checkbox" checked={step["allow_failure"] === true} onChange={(event) => set("allow_failure", event.target.checked || undefined)} />
              {t("flow.step.allow")}
            </label>
          </>
        )}
        <StepCare step={step} set={set} judged={judged} names={namesOf(document, earlier)} />
        <Others judged={judged} />
        <p className="hint dim">{t("flow.step.hint")}</p>
      </div>
    </Dialog>
  );
}
