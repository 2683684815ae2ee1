import type { ReactNode } from "react";
import { useMay } from "../../../api/account";
import type { RunDetail } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { type Neighbour, Related } from "../../../ui/Related";
import { TimeText } from "../../../ui/TimeText";

/** What the run came from, and what it is about. */
export function RunNeighbours({ run }: { run: RunDetail }) {
  const { t } = useI18n();
  const may = useMay();
  const found: (Neighbour | false)[] = [
    run.event_row_id !== null && may("events:read") && { key: "event", label: t(run.event_kind === "file" ? "task.to.event" : "run.to.event"), to: (run.event_kind === "file" ? "/events/files" : "/events") as never, search: { sel: run.event_row_id } as never },
    run.event_kind === "file" && run.event_row_id !== null && may("events:read") && { key: "trace", label: t("dlq.to.trace"), to: "/files/trace" as never, search: { event: run.event_row_id } as never },
    run.rule_id !== null && { key: "rule", label: t("task.to.rule", { rule: `…${run.rule_id.slice(-6)}`, version: run.rule_version ?? "" }), to: "/rules/$ruleId" as never, params: { ruleId: run.rule_id } as never },
    run.replay_of !== null && { key: "before", label: t("run.to.before"), to: "/runs/$runId" as never, params: { runId: run.replay_of } as never },
    { key: "same", label: t("run.to.same"), to: "/runs" as never, search: { flow: [run.flow_id] } as never },
    may("tasks:read") && { key: "tasks", label: t("run.to.tasks"), to: "/tasks" as never, search: { run: [run.run_id] } as never },
    may("audit:read") && { key: "audit", label: t("task.to.audit"), to: "/audit" as never, search: { resource_kind: ["flow_run"], resource: [run.run_id] } as never },
  ];
  return <div className="task-near"><Related neighbours={found.filter((one) => one !== false)} /></div>;
}

/** What the run was begun with. */
export function RunContent({ run }: { run: RunDetail }) {
  const { t, language } = useI18n();
  const facts: [string, ReactNode][] = [
    [t("run.number"), run.number],
    [t("run.by"), wordOf(language, "who", run.started_by)],
    [t("run.begun"), <TimeText key="begun" at={run.created_at} />],
    [t("task.finished"), run.finished_at === null ? t("none") : <TimeText key="end" at={run.finished_at} />],
    [t("run.took"), formatDuration(run.duration_ms / 1000, t)],
    [t("task.priority"), t(`task.priority.${run.priority}`)],
    [t("flow.onfailure"), t(`flow.onfailure.${run.on_failure}`)],
  ];
  return (
    <div className="pad task-content">
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Json title={t("run.input")} value={Object.keys(run.input).length ? run.input : null} />
      <Json title={t("run.event")} value={run.event} />
    </div>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  const { t } = useI18n();
  const text = value === null ? "" : JSON.stringify(value, null, 2);
  return (
    <section>
      <div className="tries-tools">
        <h3>{title}</h3>
        {text && <span className="push"><Copy text={text} what={title} /></span>}
      </div>
      {text ? <pre className="code" tabIndex={0} aria-label={title}>{text}</pre> : <p className="dim">{t("none")}</p>}
    </section>
  );
}
