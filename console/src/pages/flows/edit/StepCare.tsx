import { type ReactNode, useId } from "react";
import type { DocumentFault } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { faultLine } from "../../../i18n/faults";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import type { Json } from "../../../ui/form/schema";
import { Glyph } from "../../../ui/Status";
import { ConditionEditor } from "../../rules/edit/ConditionEditor";
import { ConditionLists } from "../../rules/edit/ConditionLists";
import { FaultsContext } from "../../rules/edit/form";
import type { Step } from "./steps";

interface Props {
  step: Step;
  set: (key: string, value: Json | undefined) => void;
  /** What is wrong with the step; pointers begin at it. */
  judged: readonly DocumentFault[];
  /** Names of the run that its condition may be about. */
  names: readonly string[];
}

const CLASSES = ["network", "timeout", "throttled", "server", "auth", "not_found", "conflict", "checksum", "too_large", "local_io", "config"] as const;

/** Under which condition a step is done, how long and how often, and whether it is undone. */
export function StepCare({ step, set, judged, names }: Props) {
  const { t } = useI18n();
  const when = step["when"];
  const isApproval = step["action"] === "APPROVAL";
  const has = (...keys: string[]): boolean => keys.some((key) => step[key] !== undefined || judged.some(({ pointer }) => pointer.startsWith(`/${key}`)));
  return (
    <FaultsContext.Provider value={judged}>
      <ConditionLists more={names} />
      <details className="schema-section" open={has("when")}>
        <summary>{t("flow.step.when")}</summary>
        {when === undefined ? (
          <p>
            <button type="button" className="button small" onClick={() => set("when", { field: "", eq: "" })}>{t("flow.step.when.add")}</button>
          </p>
        ) : (
          <>
            <ConditionEditor value={when} pointer="/when" set={(next) => set("when", next as Json)} remove={() => set("when", undefined)} />
            <p className="hint">{t("flow.step.when.hint")}</p>
          </>
        )}
      </details>
      <details className="schema-section" open={has("timeout_s", "deadline_s", "retry", "compensate")}>
        <summary>{t(isApproval ? "flow.step.limits" : "flow.step.care")}</summary>
        <div className="form-grid two">
          {!isApproval && <Amount at="/timeout_s" label={t("flow.step.timeout")} value={step["timeout_s"]} set={(next) => set("timeout_s", next)} usual="60" judged={judged} />}
          <Amount at="/deadline_s" label={t("flow.step.deadline.s")} value={step["deadline_s"]} set={(next) => set("deadline_s", next)} usual={t("none")} judged={judged} />
          {!isApproval && <Retry value={step["retry"]} set={(next) => set("retry", next)} judged={judged} />}
          {!isApproval && <Undo value={step["compensate"]} set={(next) => set("compensate", next)} />}
        </div>
      </details>
    </FaultsContext.Provider>
  );
}

function Retry({ value, set, judged }: { value: Json | undefined; set: (value: Json | undefined) => void; judged: readonly DocumentFault[] }) {
  const { t } = useI18n();
  const retry = (isBlock(value) ? value : {}) as Step;
  const put = (key: string, next: Json | undefined): void => {
    const { [key]: _, ...rest } = retry;
    const all = next === undefined ? rest : { ...rest, [key]: next };
    set(Object.keys(all).length ? all : undefined);
  };
  const never = retry["never_after"];
  const named = Array.isArray(never) ? never.map(String) : typeof never === "string" ? [never] : [];
  const toggle = (word: string): void => {
    const next = CLASSES.filter((one) => (one === word ? !named.includes(one) : named.includes(one)));
    put("never_after", next.length ? [...next] : undefined);
  };
  const amount = (key: string, label: string, usual: string): ReactNode => <Amount at={`/retry/${key}`} label={label} value={retry[key]} set={(next) => put(key, next)} usual={usual} judged={judged} />;
  return (
    <>
      {amount("max_attempts", t("flow.step.attempts"), "5")}
      {amount("first_wait_s", t("flow.step.first.wait"), "2")}
      {amount("longest_wait_s", t("flow.step.longest.wait"), "300")}
      {amount("max_lost", t("flow.step.lost"), "3")}
      <div className="form-row wide">
        <span className="schema-label">{t("flow.step.never")}</span>
        <span className="chips" role="group" aria-label={t("flow.step.never")}>
          {CLASSES.map((word) => (
            <button key={word} type="button" className="chip" aria-pressed={named.includes(word)} onClick={() => toggle(word)}>{t(`class.${word}`)}</button>
          ))}
        </span>
      </div>
    </>
  );
}

/** Whether what the step did is undone; by another action where the document says so. */
function Undo({ value, set }: { value: Json | undefined; set: (value: Json | undefined) => void }) {
  const { t } = useI18n();
  const id = useId();
  const other = isBlock(value);
  return (
    <div className="form-row">
      <label htmlFor={id} className="schema-label">{t("flow.step.undo")}</label>
      <select id={id} className="input" value={other ? "other" : value === false ? "none" : "own"} onChange={(event) => event.target.value !== "other" && set(event.target.value === "none" ? false : undefined)}>
        <option value="own">{t("flow.undo.own")}</option>
        <option value="none">{t("flow.undo.none")}</option>
        {other && <option value="other">{t("flow.undo.other")}</option>}
      </select>
    </div>
  );
}

interface AmountProps {
  at: string;
  label: string;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  usual: string;
  judged: readonly DocumentFault[];
}

function Amount({ at, label, value, set, usual, judged }: AmountProps) {
  const { language } = useI18n();
  const id = useId();
  const wrong = judged.filter(({ pointer }) => pointer === at);
  return (
    <div className="form-row">
      <label htmlFor={id} className="schema-label">{label}</label>
      <input id={id} className="input mono" type="number" min={0} step="any" placeholder={usual} aria-invalid={wrong.length > 0} value={typeof value === "number" ? value : ""} onChange={(event) => set(event.target.value === "" ? undefined : Number(event.target.value))} />
      {wrong.length > 0 && (
        <p className="field-error">
          <span className="status crit"><Glyph tone="crit" size={11} /></span> {wrong.map((fault) => faultLine(language, fault)).join(" · ")}
        </p>
      )}
    </div>
  );
}

/** What is wrong and has no field of its own in the form. */
export function Others({ judged }: { judged: readonly DocumentFault[] }) {
  const own = /^\/(config|when|timeout_s|deadline_s|retry\/(max_attempts|first_wait_s|longest_wait_s|max_lost)|id)(\/|$)/;
  const rest = judged.filter(({ pointer }) => !own.test(pointer));
  if (rest.length === 0) return null;
  return (
    <ul className="fault-list">
      {rest.map((fault) => (
        <li key={`${fault.pointer} ${fault.message}`}>
          <code className="mono small dim">{fault.pointer}</code> <FaultText fault={fault} />
        </li>
      ))}
    </ul>
  );
}
