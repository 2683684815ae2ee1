import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type TaskDetail as Task, useTask } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { whyText } from "../../../i18n/translate";
import { useServerNow } from "../../../live/now";
import { Icon } from "../../../ui/Icon";
import { Mono } from "../../../ui/Mono";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import type { TaskTab } from "../routes";
import { TASK_TABS } from "../routes";
import { sayOf, toneOf } from "../words";
import { Acts } from "./Acts";
import { Attempts } from "./Attempts";
import { Content } from "./Content";
import { Neighbours } from "./Neighbours";
import { Story } from "./Story";

/** One task: how it stands, its attempts, its life, what it is to do, and what may be done about it. */
export function TaskDetail({ taskId, close }: { taskId: string; close?: () => void }) {
  const { t } = useI18n();
  const query = useTask(taskId);
  return (
    <section className="card task-one" aria-label={t("task.one")}>
      <QueryState query={query} rows={8} object={{ what: t("task.one"), id: taskId }} pace="detail">
        {(task) => <Shown task={task} close={close} />}
      </QueryState>
    </section>
  );
}

function Shown({ task, close }: { task: Task; close: (() => void) | undefined }) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const now = useServerNow(1_000);
  const search = useSearch({ strict: false }) as { tab?: TaskTab };
  const navigate = useNavigate();
  const tab = search.tab ?? "attempts";
  const show = (next: TaskTab): void =>
    void navigate({ to: ".", search: ((old: object) => ({ ...old, tab: next === "attempts" ? undefined : next })) as never, replace: true, resetScroll: false });
  return (
    <>
      <header className="task-head">
        <div className="task-name">
          <h2 title={task.target}>{task.target}</h2>
          <p className="task-facts">
            <Status tone={toneOf(task)}>{t(`task.state.${task.state}`)}</Status>
            <span className="tag">{task.type}</span>
            <Mono text={task.task_id} most={20} />
          </p>
        </div>
        <span className="row">
          <Acts task={task} />
          {close && (
            <>
              <Link to="/tasks/$taskId" params={{ taskId: task.task_id }} className="button ghost small square" aria-label={t("task.open")} title={t("task.open")}>
                <Icon name="link" size={13} />
              </Link>
              <button type="button" className="button ghost small square" aria-label={t("detail.close")} onClick={close}>
                <Icon name="x" size={13} />
              </button>
            </>
          )}
        </span>
      </header>
      <p className={`task-say ${toneOf(task)}`}>
        {sayOf(task, i18n, now)}
        {task.failure_reason && <span className="mono task-why">{whyText(language, task.failure_reason)}</span>}
      </p>
      <Neighbours task={task} />
      <Tabs<TaskTab> label={t("task.tabs")} value={tab} onChange={show} tabs={TASK_TABS.map((key) => ({ key, label: t(`task.tab.${key}`) }))}>
        {tab === "attempts" && <Attempts task={task} now={now} />}
        {tab === "story" && <Story task={task} />}
        {tab === "content" && <Content task={task} />}
      </Tabs>
    </>
  );
}
