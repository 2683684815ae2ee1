import { useState } from "react";
import { actOnTasks, type BulkAct, type Choice, rehearseTasks, type Task, type TaskFilter, useRenewTasks } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Preview } from "../../../ui/action/types";
import type { Selection } from "../../../ui/table/types";

interface Open {
  act: BulkAct;
  choice: Choice;
  count: number;
}

/** What may be done with the chosen tasks: named ones, or all that the filter finds; the server says beforehand what it would do. */
export function BulkActs({ selection, filter }: { selection: Selection<Task>; filter: TaskFilter }) {
  const { t } = useI18n();
  const [open, setOpen] = useState<Open | null>(null);
  const begin = (act: BulkAct): void =>
    setOpen({ act, count: selection.count, choice: selection.everything ? { filter } : { ids: selection.rows.map(({ task_id: id }) => id) } });
  return (
    <>
      {(["retry", "cancel"] as const).map((act) => (
        <button key={act} type="button" className="button small" onClick={() => begin(act)}>
          {t(`task.act.${act}`)}
        </button>
      ))}
      {open && (
        <Act
          open={open}
          close={() => {
            setOpen(null);
            selection.clear();
          }}
        />
      )}
    </>
  );
}

function Act({ open: { act, choice, count }, close }: { open: Open; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewTasks();
  const [able, setAble] = useState(count);
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const found = await rehearseTasks(act, choice, signal);
    const refused = Object.values(found.refused).reduce((all, one) => all + one, 0) + found.missing;
    const left = count - found.matched;
    setAble(found.next_cursor === null ? found.changed : found.matched);
    return {
      affected: { count: found.next_cursor === null ? found.changed : found.matched, names: found.samples.map(({ target }) => target) },
      picture: (
        <>
          <p>{t(`task.act.${act}.effect`)}</p>
          {refused + Math.max(0, left) > 0 && <p className="dim">{t("task.bulk.left", { count: refused + Math.max(0, left) })}</p>}
          {found.next_cursor !== null && <p className="dim">{t("task.bulk.parts")}</p>}
        </>
      ),
      risk: act === "cancel" ? "medium" : "low",
      wayBack: t(`task.act.${act}.back`),
    };
  };
  return (
    <ActionDialog
      title={t(`task.bulk.${act}`, { count })}
      act={t(`task.bulk.${act}.do`, { count: able })}
      ready={able > 0}
      close={close}
      preview={ahead}
      run={async (order) => {
        const sum = await actOnTasks(act, choice, order);
        renew();
        return sum;
      }}
      reason={act === "cancel" ? "required" : "auto"}
      done={(sum) => t("task.bulk.done", { count: sum?.changed ?? 0, refused: sum?.refused ?? 0 })}
    />
  );
}
