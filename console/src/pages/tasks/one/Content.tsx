import type { ReactNode } from "react";
import type { TaskDetail } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { Mono } from "../../../ui/Mono";
import { TimeText } from "../../../ui/TimeText";

/** What a task is to do, by which rules it is tried, and what came of it. */
export function Content({ task }: { task: TaskDetail }) {
  const { t, language } = useI18n();
  const { retry } = task;
  const time = (at: string | null): ReactNode => (at === null ? t("none") : <TimeText at={at} />);
  const seconds = (value: number): string => formatDuration(value, t);
  const facts: [string, ReactNode][] = [
    [t("task.fact.does"), task.description || t("none")],
    [t("task.executor"), t(`task.executor.${task.executor}`)],
    [t("task.priority"), t(`task.priority.${task.priority}`)],
    [t("task.by"), wordOf(language, "who", task.created_by)],
    [t("task.made"), time(task.created_at)],
    [t("task.fact.deadline"), time(task.deadline_at)],
    [t("task.fact.lease"), time(task.lease_until)],
    [t("task.finished"), time(task.finished_at)],
    [t("task.fact.key"), task.key ? <Mono text={task.key} most={40} /> : t("none")],
    [t("task.fact.idempotency"), <Mono key="id" text={task.task_id} most={40} />],
    [t("task.fact.policy"), t("task.fact.policy.say", { most: retry.max_attempts, timeout: seconds(retry.timeout_s), first: seconds(retry.first_wait_s), longest: seconds(retry.longest_wait_s) })],
    [t("task.fact.lost"), t("task.fact.lost.say", { lost: task.lost, most: retry.max_lost })],
    [t("task.fact.reversible"), t(task.reversible ? "task.yes" : "task.no")],
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
      <Json title={t("task.config")} value={task.config} none={t("task.config.none")} />
      <Json title={t("task.result")} value={task.result} none={t("task.result.none")} />
    </div>
  );
}

function Json({ title, value, none }: { title: string; value: unknown; none: string }) {
  const text = value === null ? "" : JSON.stringify(value, null, 2);
  return (
    <section>
      <div className="tries-tools">
        <h3>{title}</h3>
        {text && <span className="push"><Copy text={text} what={title} /></span>}
      </div>
      {text ? <pre className="code" tabIndex={0} aria-label={title}>{text}</pre> : <p className="dim">{none}</p>}
    </section>
  );
}
