import { useState } from "react";
import { actOnTask, rehearseTask, type TaskAct, type TaskDetail, useRenewTasks } from "../../../api/tasks";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Preview } from "../../../ui/action/types";
import { usePreview } from "../../../ui/action/usePreview";
import { useMayWhy } from "../../../ui/useMayWhy";
import { mayCancel, mayRetry, mayUndo } from "../words";

/** Do it again, stop it, undo it: what the state allows is ready, the rest says why not. */
export function Acts({ task }: { task: TaskDetail }) {
  const { t } = useI18n();
  const denied = useMayWhy()("tasks:run");
  const [act, setAct] = useState<TaskAct | null>(null);
  const whyNot: Record<TaskAct, string | undefined> = {
    retry: mayRetry(task.state) ? denied : t("task.act.retry.not"),
    cancel: mayCancel(task.state) ? denied : t("task.act.cancel.not"),
    compensate: mayUndo(task.state, task.reversible) ? denied : t("task.act.compensate.not"),
  };
  useKeys([{ key: "r", label: "task.key.retry", run: () => whyNot.retry === undefined && setAct("retry") }]);
  const acts: TaskAct[] = task.reversible ? ["retry", "cancel", "compensate"] : ["retry", "cancel"];
  return (
    <>
      {acts.map((one) => (
        <button key={one} type="button" className={one === "cancel" ? "button small danger-quiet" : "button small"} disabled={whyNot[one] !== undefined} title={whyNot[one]} onClick={() => setAct(one)}>
          {t(`task.act.${one}`)}
        </button>
      ))}
      {act && <Act task={task} act={act} close={() => setAct(null)} />}
    </>
  );
}

function Act({ task, act, close }: { task: TaskDetail; act: TaskAct; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewTasks();
  const preview = usePreview();
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const { risk, why, revision } = preview(await rehearseTask(task.task_id, act, signal));
    return {
      affected: { count: 1, names: [task.target] },
      picture: <p>{t(task.executor === "any" && act === "retry" ? "task.act.retry.legacy" : `task.act.${act}.effect`)}</p>,
      ...(risk ? { risk } : {}), ...(why ? { why } : {}), ...(revision ? { revision } : {}),
      wayBack: t(`task.act.${act}.back`),
    };
  };
  return (
    <ActionDialog
      title={t(`task.act.${act}.title`, { name: task.target })}
      act={t(`task.act.${act}.do`)}
      close={close}
      preview={ahead}
      run={async (order) => {
        const done = await actOnTask(task.task_id, act, order);
        renew();
        return done;
      }}
      reason={act === "retry" ? "auto" : "required"}
      suggestions={[t(`task.act.${act}.why1`), t(`task.act.${act}.why2`)]}
      done={(result) => t("task.act.done", { name: task.target, state: t(`task.state.${result?.state ?? task.state}`) })}
    />
  );
}
