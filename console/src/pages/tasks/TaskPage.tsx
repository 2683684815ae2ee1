import { useParams } from "@tanstack/react-router";
import { useMay } from "../../api/account";
import { useTask } from "../../api/tasks";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { Forbidden } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { TaskDetail } from "./one/TaskDetail";
import { toneOf } from "./words";
import "../../styles/tasks.css";

/** One task, as a page of its own. */
export function TaskPage() {
  const { t } = useI18n();
  const may = useMay()("tasks:read");
  const { taskId } = useParams({ from: "/tasks/$taskId" });
  const task = useTask(taskId).data;
  return (
    <div className="stack">
      <PageHead title={task?.target ?? taskId} crumbs={[{ label: t("task.title"), to: "/tasks" }]} scoped={false}>
        {task && <Status tone={toneOf(task)}>{t(`task.state.${task.state}`)}</Status>}
      </PageHead>
      {may ? <TaskDetail taskId={taskId} /> : <section className="card"><Forbidden permission="tasks:read" /></section>}
    </div>
  );
}
