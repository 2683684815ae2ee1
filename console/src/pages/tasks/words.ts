import type { Attempt, Task, TaskState } from "../../api/tasks";
import type { I18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import type { Tone } from "../../ui/Status";

/** What states of tasks and ends of attempts look like, and how a task stands in one sentence. */

export const STATE_TONE: Readonly<Record<TaskState, Tone>> = {
  pending: "mute", leased: "run", running: "run", waiting: "warn", succeeded: "ok", failed: "crit", timed_out: "crit", dead: "crit",
  cancelling: "run", cancelled: "mute", compensating: "run", compensated: "warn",
};

export const OUTCOME_TONE: Readonly<Record<Attempt["outcome"], Tone>> = {
  open: "run", succeeded: "ok", failed: "crit", lost: "crit", timed_out: "crit", cancelled: "mute", returned: "mute",
};

/** A task that waits for its time and never failed is not to be warned of. */
export const toneOf = ({ state, error_class: error }: Pick<Task, "state" | "error_class">): Tone => (state === "waiting" && error === null ? "mute" : STATE_TONE[state]);

/** Ended: nothing more happens by itself. */
export const isOver = (state: TaskState): boolean => ["succeeded", "failed", "timed_out", "dead", "cancelled", "compensated"].includes(state);

const AGAIN: readonly TaskState[] = ["failed", "timed_out", "dead", "cancelled", "waiting", "compensated"];
const STOPPABLE: readonly TaskState[] = ["pending", "leased", "running", "waiting"];
const UNDOABLE: readonly TaskState[] = ["succeeded", "failed", "timed_out", "dead", "cancelled"];

/** What may be done with a task as it stands. */
export const mayRetry = (state: TaskState): boolean => AGAIN.includes(state);
export const mayCancel = (state: TaskState): boolean => STOPPABLE.includes(state);
export const mayUndo = (state: TaskState, reversible: boolean): boolean => reversible && UNDOABLE.includes(state);

export const classText = ({ error_class: error }: { error_class: string | null }, { language, t }: Pick<I18n, "language" | "t">): string =>
  error === null ? t("none") : wordOf(language, "class", error);

/** How a task stands, and what comes next, in one sentence. */
export function sayOf(task: Task, i18n: I18n, now: number): string {
  const { t } = i18n;
  const facts = { attempts: task.attempts, most: task.max_attempts, why: classText(task, i18n), who: task.held_by ?? t("none") };
  switch (task.state) {
    case "waiting": {
      const at = task.next_run_at === null ? t("none") : formatClock(task.next_run_at, now);
      return task.error_class === null ? t("task.say.later", { at }) : t("task.say.waiting", { ...facts, at });
    }
    case "pending":
      if (task.executor === "person") return t("task.say.pending.person");
      return task.executor === "agent" ? t("task.say.pending.agent", { who: task.for_agent_id ?? t("none") }) : t("task.say.pending");
    case "dead":
      return task.attempts === 0 ? t("task.say.dead.unbegun") : t("task.say.dead", facts);
    default:
      return t(`task.say.${task.state}`, facts as never);
  }
}
