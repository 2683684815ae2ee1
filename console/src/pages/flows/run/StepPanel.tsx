import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { RunDetail, RunStep } from "../../../api/flows";
import { useAttempts } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { whyText, wordOf } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { useMayWhy } from "../../../ui/useMayWhy";
import { keyOf } from "../../tasks/one/lanes";
import { Tries } from "../../tasks/one/Tries";
import { STEP_TONE } from "../words";
import { OrderDialog } from "./Orders";

interface Props {
  run: RunDetail;
  step: RunStep;
  attempt: string | undefined;
  choose: (attempt: string) => void;
}

/** What became of one step: its attempts and what they said, its task, what undoes it. */
export function StepPanel({ run, step, attempt, choose }: Props) {
  const { t, language } = useI18n();
  const denied = useMayWhy()("flows:run");
  const [replay, setReplay] = useState(false);
  const asks = step.action === "APPROVAL" && step.state === "running";
  return (
    <section className="step-panel" aria-label={t("run.step.one", { name: step.title || step.id })}>
      <header className="task-head">
        <div className="task-name">
          <h3>{step.title || step.id}</h3>
          <p className="task-facts">
            <Status tone={asks ? "hold" : STEP_TONE[step.state]}>{t(asks ? "run.step.asks" : `run.step.${step.state}`)}</Status>
            <span className="tag">{step.action === "APPROVAL" ? t("flow.approval") : step.action}</span>
            {step.duration_ms !== null && <span className="dim">{formatDuration(step.duration_ms / 1000, t)}</span>}
            {step.error_class !== null && <span className="tag crit">{wordOf(language, "class", step.error_class)}</span>}
            {step.reused && <span className="tag">{t("run.step.reused")}</span>}
            <span className="dim small">{t(`flow.undo.${step.compensation}`)}</span>
          </p>
        </div>
        <span className="row">
          {step.task_id !== null && <Link to="/tasks/$taskId" params={{ taskId: step.task_id }} className="button small">{t("run.step.task")}</Link>}
          {step.undo_task_id !== null && <Link to="/tasks/$taskId" params={{ taskId: step.undo_task_id }} className="button small">{t("run.step.undo.task")}</Link>}
          <button type="button" className="button small" disabled={denied !== undefined} title={denied} onClick={() => setReplay(true)}>{t("run.replay.here")}</button>
        </span>
      </header>
      {step.error && step.task_id === null && <p className="task-error mono step-error">{whyText(language, step.error)}</p>}
      {step.task_id !== null ? <OfTask taskId={step.task_id} none={step.action === "APPROVAL" ? t(asks ? "run.step.asks.sub" : "run.step.decided") : t("task.attempts.none.sub")} attempt={attempt} choose={choose} /> : <Result step={step} />}
      {replay && <OrderDialog run={run} order="replay" from={step.id} close={() => setReplay(false)} />}
    </section>
  );
}

function OfTask({ taskId, none, attempt, choose }: { taskId: string; none: string; attempt: string | undefined; choose: (attempt: string) => void }) {
  const query = useAttempts(taskId);
  return (
    <QueryState query={query} rows={4} pace="detail">
      {(attempts) =>
        attempts.length ? <Tries attempts={attempts} chosen={attempts.find((one) => keyOf(one) === attempt) ?? attempts[0]} choose={choose} /> : <p className="pad dim">{none}</p>
      }
    </QueryState>
  );
}

function Result({ step }: { step: RunStep }) {
  const { t } = useI18n();
  if (step.result === null) return <p className="pad dim">{t(step.state === "pending" ? "run.step.notyet" : "run.step.noresult")}</p>;
  const text = JSON.stringify(step.result, null, 2);
  return (
    <div className="pad">
      <div className="tries-tools">
        <h3>{t("task.output")}</h3>
        <span className="push"><Copy text={text} what={t("task.output")} /></span>
      </div>
      <pre className="code" tabIndex={0} aria-label={t("task.output")}>{text}</pre>
    </div>
  );
}
