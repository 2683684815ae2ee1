import { Link } from "@tanstack/react-router";
import type { Task } from "../../api/tasks";
import type { I18n } from "../../i18n/context";
import { whyText, wordOf } from "../../i18n/translate";
import { PathText } from "../../ui/PathText";
import { Status } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import { classText, toneOf } from "./words";

/** Who does it: the agent that is named, or whoever has it. */
export function Doer({ task: { for_agent_id: agent, held_by: holder, executor }, t }: { task: Task; t: I18n["t"] }) {
  if (agent !== null) return <Link to={"/agents/$agentId" as string} params={{ agentId: agent } as never} className="el mono small">{agent}</Link>;
  return holder === null ? <span className="dim">{t(`task.executor.${executor}`)}</span> : <span className="el" title={holder}>{doerText(holder, t)}</span>;
}

const WORKER = /^worker:([^:]+):/;

/** Who did it: a worker by the host it runs on, an agent by its id. */
export function doerText(holder: string, t: I18n["t"]): string {
  const [, host] = WORKER.exec(holder) ?? [];
  return host === undefined ? holder : t("task.doer.worker", { host });
}

/** Tasks, as their list shows them. */
export function taskColumns(i18n: I18n): Column<Task>[] {
  const { t, language } = i18n;
  return [
    { key: "state", title: t("task.state"), width: 136, phone: "aside", render: (task) => <Status tone={toneOf(task)}>{t(`task.state.${task.state}`)}</Status>, text: ({ state }) => state },
    { key: "target", title: t("task.target"), primary: true, phone: "title", render: ({ target }) => <PathText text={target} />, text: ({ target }) => target },
    { key: "type", title: t("task.type"), width: 104, render: ({ type }) => <span className="tag">{type}</span>, text: ({ type }) => type },
    {
      key: "priority", title: t("task.priority"), width: 72, hideBelow: 1280,
      render: ({ priority }) => <span className={priority === "high" ? "strong" : "dim"}>{t(`task.priority.${priority}`)}</span>, text: ({ priority }) => priority,
    },
    { key: "attempts", title: t("task.attempts"), width: 66, align: "end", render: (task) => <Tries task={task} i18n={i18n} />, text: ({ attempts }) => attempts },
    { key: "next", title: t("task.next"), width: 112, hideBelow: 1100, render: ({ next_run_at: at }) => (at === null ? <span className="dim">{t("none")}</span> : <TimeText at={at} />), text: ({ next_run_at }) => next_run_at },
    {
      key: "error", title: t("task.error"), width: 132, hideBelow: 900,
      render: (task) => <span className={task.error_class === null ? "dim" : "el"} title={whyText(language, task.failure_reason)}>{classText(task, i18n)}</span>,
      text: ({ error_class: error, failure_reason: why }) => (error === null ? "" : `${error} ${why}`),
    },
    { key: "doer", title: t("task.doer"), width: 170, hideBelow: 1280, render: (task) => <Doer task={task} t={t} />, text: ({ for_agent_id: agent, held_by: holder }) => agent ?? holder ?? "" },
    { key: "age", title: t("task.age"), width: 92, align: "end", phone: "line", render: ({ created_at: at }) => <TimeText at={at} relative />, text: ({ created_at }) => created_at },
    { key: "by", title: t("task.by"), width: 130, optional: true, render: ({ created_by: who }) => <span className="el">{wordOf(language, "who", who)}</span>, text: ({ created_by }) => created_by },
    { key: "finished", title: t("task.finished"), width: 118, optional: true, render: ({ finished_at: end }) => (end === null ? t("none") : <TimeText at={end} />), text: ({ finished_at }) => finished_at },
    { key: "id", title: t("task.id"), width: 150, optional: true, render: ({ task_id: id }) => <span className="mono el">{id}</span>, text: ({ task_id }) => task_id },
  ];
}

const Tries = ({ task: { attempts, max_attempts: most, run_no: run }, i18n: { t } }: { task: Task; i18n: I18n }) => (
  <span title={t("task.attempts.run", { run })}>
    {attempts}
    <span className="dim">/{most}</span>
  </span>
);

/** The same in one narrow column, for the list beside an open task. */
export function slimColumns(i18n: I18n): Column<Task>[] {
  const { t } = i18n;
  return [
    {
      key: "target", title: t("task.target"), primary: true, phone: "title",
      render: (task) => (
        <span className="task-slim">
          <Status tone={toneOf(task)} bare>{t(`task.state.${task.state}`)}</Status>
          <PathText text={task.target} />
        </span>
      ),
      text: ({ target }) => target,
    },
    { key: "type", title: t("task.type"), width: 92, render: ({ type }) => <span className="dim small">{type}</span> },
    { key: "age", title: t("task.age"), width: 78, align: "end", render: ({ created_at: at }) => <span className="dim small"><TimeText at={at} relative /></span> },
  ];
}
