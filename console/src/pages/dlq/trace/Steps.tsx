import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FileTrace } from "../../../api/dlq";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatDuration } from "../../../i18n/format";
import { whyText, wordOf } from "../../../i18n/translate";
import { Mono } from "../../../ui/Mono";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { runTone, runWord } from "../../flows/words";
import { OUTCOME_TONE, toneOf } from "../../tasks/words";
import { LETTER_TONE } from "../words";

type Told = FileTrace["events"][number];
type Decision = FileTrace["decisions"][number];
type Work = FileTrace["tasks"][number];
type FlowRun = FileTrace["runs"][number];

const EVENT_TONE: Record<Told["status"], Tone> = {
  done: "ok", failed: "warn", dead: "crit", skipped: "mute", vanished: "mute", superseded: "mute", archived: "ok", restored: "ok", replayed: "run", dropped: "mute",
};

/** A life as it went: each event with what the rules said, then the tasks, the object, who was told. */
export function Steps({ trace }: { trace: FileTrace }) {
  const { t, language } = useI18n();
  const decided = new Map(trace.decisions.map((one) => [one.decision.row_id, one]));
  return (
    <ol className="trace-steps">
      {trace.events.map((told) => <EventStep key={told.row_id} told={told} decision={decided.get(told.row_id)} />)}
      {trace.letter && trace.letter.state !== "resolved" && (
        <Step title={t("dlq.one")}>
          <Link to={"/dlq" as never} search={{ sel: trace.letter.letter_id, state: [trace.letter.state] } as never}>
            <Status tone={LETTER_TONE[trace.letter.state]}>{t("trace.letter")}</Status>
          </Link>
        </Step>
      )}
      {trace.events.length === 0 && <Step title={t("trace.event")}><span className="dim">{t("trace.no.events")}</span></Step>}
      {trace.tasks.length + trace.runs.length === 0 && <Step title={t("trace.tasks")}><span className="dim">{t("trace.no.tasks")}</span></Step>}
      {trace.runs.map((run) => <RunStep key={run.run_id} run={run} steps={trace.tasks.filter((work) => work.flow_run_id === run.run_id)} />)}
      {trace.tasks.filter((work) => !trace.runs.some((run) => run.run_id === work.flow_run_id)).map((work) => (
        <Step key={work.task.task_id} title={work.task.type} at={work.task.created_at}><TaskBody work={work} /></Step>
      ))}
      <ObjectStep trace={trace} />
      <Step title={t("trace.notifications")}>
        {trace.notifications.length === 0 && <span className="dim">{t("trace.no.notifications")}</span>}
        {trace.notifications.map((one) => (
          <span key={one.notification_id} className="trace-line">
            <span className="tag">{one.channel}</span> {one.title} <span className="dim">{wordOf(language, "task.state", one.state)}</span>
          </span>
        ))}
      </Step>
    </ol>
  );
}

function Step({ title, at, children }: { title: string; at?: string; children: ReactNode }) {
  return (
    <li>
      <span className="trace-what">
        <strong>{title}</strong>
        {at !== undefined && <span className="dim"><TimeText at={at} /></span>}
      </span>
      <div className="trace-body">{children}</div>
    </li>
  );
}

function EventStep({ told, decision }: { told: Told; decision: Decision | undefined }) {
  const { t, language } = useI18n();
  return (
    <Step title={t("trace.event")} at={told.time}>
      <span className="trace-line">
        <Status tone={EVENT_TONE[told.status]}>{t(`work.${told.status}`)}</Status>
        {told.store && <span className="dim">{told.store}</span>}
        {told.error_class && <span className="tag">{wordOf(language, "class", told.error_class)}</span>}
        <Link to={"/events/files" as never} search={{ sel: told.row_id } as never} className="mono small">{told.row_id}</Link>
      </span>
      {told.message && <span className="trace-line mono dim">{told.message}</span>}
      {decision && <DecisionLine one={decision} />}
    </Step>
  );
}

/** What the rules said about an event. */
function DecisionLine({ one: { decision, rules } }: { one: Decision }) {
  const { t } = useI18n();
  const said = decision.state === "pending" ? t("trace.pending") : decision.state === "unknown" ? t("trace.unknown") : t("trace.no.decision");
  return (
    <span className="trace-line">
      <span className="dim">{t("trace.decision")}</span>
      {rules.length === 0 && <span className="dim">{decision.matched.length > 0 ? t("trace.rules.gone") : said}</span>}
      {rules.map(({ rule_id: id, version, name }) => (
        <Link key={`${id}${version}`} to={"/rules/$ruleId" as never} params={{ ruleId: id } as never}>{t("trace.rule", { name, version })}</Link>
      ))}
      {decision.set_no > 0 && <span className="dim small">{t("trace.set", { set: decision.set_no })}</span>}
      {decision.faults.length > 0 && <Status tone="crit">{t("trace.faults", { count: decision.faults.length })}</Status>}
    </span>
  );
}

/** A run of a flow with its steps. */
function RunStep({ run, steps }: { run: FlowRun; steps: Work[] }) {
  const i18n = useI18n();
  const { t } = i18n;
  const shown = { state: run.state, approvals: [] };
  return (
    <Step title={t("trace.run", { number: run.number })} at={run.created_at}>
      <span className="trace-line">
        <Status tone={runTone(shown)}>{runWord(shown, i18n)}</Status>
        <Link to={"/runs/$runId" as never} params={{ runId: run.run_id } as never}>{t("run.flow.version", { name: run.name, version: run.version })}</Link>
        {run.reason && <span className="dim el" title={whyText(i18n.language, run.reason)}>{whyText(i18n.language, run.reason)}</span>}
      </span>
      {steps.map((work) => (
        <div key={work.task.task_id} className="trace-sub">
          <span className="dim small">{work.flow_step} · {work.task.type}</span>
          <TaskBody work={work} />
        </div>
      ))}
    </Step>
  );
}

function TaskBody({ work: { task, attempts, letter } }: { work: Work }) {
  const { t, language } = useI18n();
  return (
    <>
      <span className="trace-line">
        <Status tone={toneOf(task)}>{t(`task.state.${task.state}`)}</Status>
        <Link to="/tasks/$taskId" params={{ taskId: task.task_id }}>{task.target}</Link>
        {letter && letter.state !== "resolved" && (
          <Link to={"/dlq" as never} search={{ sel: letter.letter_id, state: [letter.state] } as never}>
            <Status tone={LETTER_TONE[letter.state]}>{t("trace.letter")}</Status>
          </Link>
        )}
      </span>
      {attempts.map((attempt) => (
        <span key={`${attempt.run_no}.${attempt.attempt_no}`} className="trace-line small">
          <span className="dim">{t("trace.attempt", { number: attempt.attempt_no })}</span>
          <Status tone={OUTCOME_TONE[attempt.outcome]}>{t(`task.outcome.${attempt.outcome}`)}</Status>
          {attempt.duration_ms !== null && <span className="dim">{formatDuration(attempt.duration_ms / 1000, t)}</span>}
          {attempt.error && <span className="mono dim el" title={whyText(language, attempt.error)}>{whyText(language, attempt.error)}</span>}
        </span>
      ))}
    </>
  );
}

function ObjectStep({ trace: { object, events } }: { trace: FileTrace }) {
  const { t } = useI18n();
  if (object === null) return <Step title={t("trace.object")}><span className="dim">{t(events.length === 0 ? "trace.lost.object" : "trace.no.object")}</span></Step>;
  return (
    <Step title={t("trace.object")} at={object.confirmed_at}>
      <span className="trace-line">
        <span className="tag">{object.store}</span>
        <Mono text={object.key} most={64} />
        {object.size_bytes !== null && <span className="dim">{formatBytes(object.size_bytes)}</span>}
        {object.sha256 !== null && <Mono text={object.sha256} most={17} />}
      </span>
    </Step>
  );
}
