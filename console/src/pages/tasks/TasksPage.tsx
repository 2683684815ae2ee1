import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useMay } from "../../api/account";
import { fetchTasks, type Task, TASKS_KEY } from "../../api/tasks";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import { useList } from "../../ui/table/useList";
import { useNarrow } from "../../ui/table/useNarrow";
import { useMayWhy } from "../../ui/useMayWhy";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { slimColumns, taskColumns } from "./columns";
import { useTaskFilters, useWish } from "./filters";
import { BulkActs } from "./list/BulkActs";
import { TaskDetail } from "./one/TaskDetail";
import { TASK_FILTERS } from "./routes";
import { WorkPage } from "./WorkPage";
import "../../styles/tasks.css";

const keyOf = (task: Task): string => task.task_id;
const nameOf = (task: Task): string => task.target;

/** What is being done, what waits, what failed, and what to do about it. */
export function TasksPage() {
  const { t } = useI18n();
  return (
    <WorkPage title={t("task.title")} needs="tasks:read">
      <Loaded />
    </WorkPage>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(TASK_FILTERS);
  const wide = !useNarrow(1280);
  const wish = useWish(state);
  const { filters, total } = useTaskFilters(wish, state);
  const fetch = useCallback(async (cursor: string | null, signal: AbortSignal) => {
    const page = await fetchTasks(wish, cursor, signal);
    return { items: page.items, next: page.next_cursor, total: page.total };
  }, [wish]);
  const list = useList({ queryKey: [TASKS_KEY, "list", wish], fetch, keyOf });
  const beside = state.sel !== undefined && wide;
  const columns = useMemo(() => (beside ? slimColumns(i18n) : taskColumns(i18n)), [beside, i18n]);
  const views = useBuiltin({ todo: { state: ["dead", "failed", "timed_out"] } });
  const may = useMay()("tasks:run");
  const close = (): void => state.set({ sel: undefined, attempt: undefined, tab: undefined }, { replace: true });
  return (
    <div className={beside ? "tasks with-detail" : "tasks"}>
      <section className="card tasks-list">
        <DataTable<Task>
          name={beside ? "tasks-beside" : "tasks"}
          label={t("task.label")}
          columns={columns}
          list={{ ...list, total: list.total ?? total }}
          state={state}
          keyOf={keyOf}
          nameOf={nameOf}
          opens="drawer"
          filters={beside ? filters.filter(({ key }) => key === "state" || state.values(key).length > 0) : filters}
          views={views}
          search={t("task.search")}
          tools={<Make />}
          empty={<Nothing />}
          {...(may ? { bulk: (selection) => <BulkActs selection={selection} filter={wish} /> } : {})}
        />
      </section>
      {state.sel !== undefined && beside && (
        <div className="tasks-detail" key={state.sel}>
          <TaskDetail taskId={state.sel} close={close} />
        </div>
      )}
      {state.sel !== undefined && !wide && (
        <DetailDrawer open close={close} title={t("task.one")} width={640}>
          <TaskDetail taskId={state.sel} key={state.sel} />
        </DetailDrawer>
      )}
    </div>
  );
}

function Make() {
  const { t } = useI18n();
  const why = useMayWhy()("tasks:run");
  if (why !== undefined) return <button type="button" className="button small" disabled title={why}>{t("task.new")}</button>;
  return (
    <Link to="/tasks/new" className="button small">
      <Icon name="plus" size={13} />
      {t("task.new")}
    </Link>
  );
}

function Nothing() {
  const { t } = useI18n();
  const may = useMay()("tasks:run");
  return (
    <Empty icon="tasks" title={t("task.empty")} {...(may ? { action: <Link to="/tasks/new" className="button primary">{t("task.new")}</Link> } : {})}>
      {t("task.empty.sub")}
    </Empty>
  );
}
