import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Attempt, type TaskDetail, useAttempts } from "../../../api/tasks";
import { useI18n } from "../../../i18n/context";
import { Gantt } from "../../../ui/gantt/Gantt";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { keyOf, lanesOf } from "./lanes";
import { isBad, Tries } from "./Tries";

/** Each try: when, by whom, under which token, how it ended, and what it said. */
export function Attempts({ task, now }: { task: TaskDetail; now: number }) {
  const { t } = useI18n();
  const query = useAttempts(task.task_id);
  return (
    <QueryState query={query} rows={6} pace="detail">
      {(attempts) =>
        attempts.length === 0 && task.next_run_at === null ? (
          <Empty title={t("task.attempts.none")}>{t(task.state === "dead" ? "task.attempts.none.dead" : "task.attempts.none.sub")}</Empty>
        ) : (
          <Tried task={task} attempts={attempts} now={now} />
        )
      }
    </QueryState>
  );
}

function Tried({ task, attempts, now }: { task: TaskDetail; attempts: readonly Attempt[]; now: number }) {
  const i18n = useI18n();
  const { t } = i18n;
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { attempt?: string };
  const moving = attempts.some(({ ended_at: end }) => end === null) || task.next_run_at !== null;
  const at = moving ? now : 0;
  const lanes = useMemo(() => lanesOf(task, attempts, i18n, at || Date.parse(task.updated_at)), [task, attempts, i18n, at]);
  const chosen = attempts.find((one) => keyOf(one) === search.attempt) ?? attempts[0];
  const choose = (key: string): void =>
    void navigate({ to: ".", search: ((old: object) => ({ ...old, attempt: key === "next" ? undefined : key })) as never, replace: true, resetScroll: false });
  const bad = attempts.filter(isBad).length;
  return (
    <>
      <Gantt label={t("task.gantt", { count: attempts.length, bad })} lanes={lanes} now={at || Date.parse(task.updated_at)} chosen={chosen && keyOf(chosen)} choose={choose} />
      {attempts.length > 0 && <Tries attempts={attempts} chosen={chosen} choose={choose} />}
    </>
  );
}
