import { type ReactNode, useId } from "react";
import type { TaskKind, TaskWish } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { faultLine } from "../../../i18n/faults";
import type { FormFault } from "../../../ui/form/SchemaForm";
import { SchemaForm } from "../../../ui/form/SchemaForm";
import type { Json, Schema } from "../../../ui/form/schema";
import { Glyph } from "../../../ui/Status";
import { PRIORITIES } from "../routes";
import { AgentInput } from "./AgentInput";

/** Everything of a wish besides its configuration. */
export interface Rest {
  agent: string;
  priority: NonNullable<TaskWish["priority"]>;
  target: string;
  key: string;
  delay: number | null;
  deadline: number | null;
  attempts: number | null;
  timeout: number | null;
}

export const REST: Rest = { agent: "", priority: "normal", target: "", key: "", delay: null, deadline: null, attempts: null, timeout: null };

interface ConfigProps {
  kind: TaskKind;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  faults: readonly FormFault[];
}

const BELOW = "/config";

/** What the action is told: a form where the kind has a schema, else JSON. */
export function ConfigFields({ kind, value, set, faults }: ConfigProps) {
  const own = faults.filter(({ pointer }) => pointer.startsWith(BELOW)).map((fault) => ({ ...fault, pointer: fault.pointer.slice(BELOW.length) }));
  const schema: Schema = kind.config_schema ?? { properties: { config: {} } };
  if (kind.config_schema) return <SchemaForm key={kind.type} words="task.field" schema={schema} value={value} set={set} faults={own} />;
  const wrapped = value === undefined ? undefined : { config: value };
  return (
    <SchemaForm
      key={kind.type}
      words="task.field"
      schema={schema}
      value={wrapped}
      set={(next) => set(typeof next === "object" && next !== null && !Array.isArray(next) ? next["config"] : undefined)}
      faults={own.map((fault) => ({ ...fault, pointer: `${BELOW}${fault.pointer}` }))}
    />
  );
}

interface FrameProps {
  kind: TaskKind;
  rest: Rest;
  set: (rest: Rest) => void;
  faults: readonly FormFault[];
}

/** Who does it, how urgent it is, how often it is tried. */
export function Frame({ kind, rest, set, faults }: FrameProps) {
  const { t, language } = useI18n();
  const of = (pointer: string): string | undefined => {
    const found = faults.find((fault) => fault.pointer === pointer);
    return found && faultLine(language, found);
  };
  const number = (key: "delay" | "deadline" | "attempts" | "timeout", pointer: string, usual: string): ReactNode => (
    <Row label={t(`task.make.${key}`)} fault={of(pointer)}>
      {(id) => <input id={id} className="input mono" type="number" min={0} placeholder={usual} value={rest[key] ?? ""} onChange={(event) => set({ ...rest, [key]: event.target.value === "" ? null : Number(event.target.value) })} />}
    </Row>
  );
  return (
    <>
      {kind.executor === "agent" && <AgentChoice rest={rest} set={set} fault={of("/agent_id")} />}
      <div className="form-grid two">
        <Row label={t("task.priority")}>
          {(id) => (
            <select id={id} className="input" value={rest.priority} onChange={(event) => set({ ...rest, priority: event.target.value as Rest["priority"] })}>
              {PRIORITIES.map((one) => <option key={one} value={one}>{t(`task.priority.${one}`)}</option>)}
            </select>
          )}
        </Row>
        {number("delay", "/delay_s", "0")}
      </div>
      <details className="schema-section">
        <summary>{t("task.make.more")}</summary>
        <div className="form-grid two">
          {number("attempts", "/retry/max_attempts", "5")}
          {number("timeout", "/retry/timeout_s", "60")}
          {number("deadline", "/deadline_s", "")}
          <Row label={t("task.fact.key")} hint={t("task.make.key.hint")} fault={of("/key")}>
            {(id) => <input id={id} className="input mono" type="text" autoComplete="off" value={rest.key} onChange={(event) => set({ ...rest, key: event.target.value })} />}
          </Row>
          <Row label={t("task.target")} hint={t("task.make.target.hint")} fault={of("/target")}>
            {(id) => <input id={id} className="input" type="text" autoComplete="off" value={rest.target} onChange={(event) => set({ ...rest, target: event.target.value })} />}
          </Row>
        </div>
      </details>
    </>
  );
}

function Row({ label, hint, fault, children }: { label: string; hint?: string; fault?: string | undefined; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="form-row">
      <label htmlFor={id} className="schema-label">{label}</label>
      {children(id)}
      {hint !== undefined && <p className="hint">{hint}</p>}
      {fault !== undefined && <p className="field-error"><span className="status crit"><Glyph tone="crit" size={11} /></span> {fault}</p>}
    </div>
  );
}

/** The agent that does it. */
function AgentChoice({ rest, set, fault }: { rest: Rest; set: (rest: Rest) => void; fault: string | undefined }) {
  const { t } = useI18n();
  return (
    <Row label={t("task.make.agent")} hint={t("task.make.agent.hint")} fault={fault}>
      {(id) => <AgentInput id={id} value={rest.agent} set={(agent) => set({ ...rest, agent })} />}
    </Row>
  );
}
