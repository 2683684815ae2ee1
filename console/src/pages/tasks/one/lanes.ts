import type { Attempt, TaskDetail } from "../../../api/tasks";
import type { I18n } from "../../../i18n/context";
import { formatClock, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import type { Bar, Lane } from "../../../ui/gantt/model";
import { doerText } from "../columns";
import { OUTCOME_TONE } from "../words";

/** The attempts at a task over time: a row for each run, what is planned as an outline. */

/** What an attempt is called in the address. */
export const keyOf = ({ run_no: run, attempt_no: no }: Pick<Attempt, "run_no" | "attempt_no">): string => `${run}.${no}`;

/** Attempts of each run, oldest run and oldest attempt first. */
export function runsOf(attempts: readonly Attempt[]): [run: number, Attempt[]][] {
  const runs = new Map<number, Attempt[]>();
  for (const attempt of [...attempts].reverse()) runs.set(attempt.run_no, [...(runs.get(attempt.run_no) ?? []), attempt]);
  return [...runs].sort(([a], [b]) => a - b);
}

const PLANNED_SHARE = 0.04;

export function lanesOf(task: TaskDetail, attempts: readonly Attempt[], i18n: I18n, now: number): Lane[] {
  const { t } = i18n;
  const runs = runsOf(attempts);
  const undoing = task.state === "compensating" || task.state === "compensated";
  const lanes = runs.map(([run, some], index): Lane => {
    const isLast = index === runs.length - 1;
    const inner = undoing && isLast && run > 1;
    const last = some.at(-1);
    return {
      key: `run ${run}`,
      name: inner ? t("task.run.undo") : t("task.run", { run }),
      sub: t("task.run.sub", { count: some.length, who: last ? doerText(last.executor, t) : t("none") }),
      inner,
      bars: some.map((attempt, place) => barOf(attempt, place + 1, i18n, now)),
    };
  });
  const next = plannedOf(task, lanes, i18n, now);
  if (!next) return lanes;
  const last = lanes.at(-1);
  if (last && runs.at(-1)?.[0] === task.run_no) return [...lanes.slice(0, -1), { ...last, bars: [...last.bars, next] }];
  return [...lanes, { key: `run ${task.run_no}`, name: t("task.run", { run: task.run_no }), sub: t("task.run.none"), bars: [next] }];
}

function barOf(attempt: Attempt, place: number, { t, language }: I18n, now: number): Bar {
  const from = Date.parse(attempt.started_at);
  const to = attempt.ended_at === null ? null : Date.parse(attempt.ended_at);
  const length = formatDuration(Math.max(0, (to ?? now) - from) / 1000, t);
  const word = t(`task.outcome.${attempt.outcome}`);
  const facts = { no: place, word, at: formatClock(from, now), length };
  return {
    key: keyOf(attempt), from, to, tone: OUTCOME_TONE[attempt.outcome], word,
    text: t("task.attempt.bar", { no: place, length }),
    brief: String(place),
    label: attempt.error_class === null ? t("task.attempt.say", facts) : t("task.attempt.say.why", { ...facts, why: wordOf(language, "class", attempt.error_class) }),
  };
}

/** Where the next attempt is expected; it has no length yet. */
function plannedOf(task: TaskDetail, lanes: readonly Lane[], { t }: I18n, now: number): Bar | null {
  if (task.next_run_at === null) return null;
  const from = Date.parse(task.next_run_at);
  const first = Math.min(from, ...lanes.flatMap(({ bars }) => bars.map((bar) => bar.from)));
  const length = Math.max(500, (Math.max(from, now) - first) * PLANNED_SHARE);
  return { key: "next", from, to: from + length, tone: "mute", word: t("task.attempt.planned"), text: t("task.attempt.planned"), label: t("task.attempt.next", { at: formatClock(from, now) }), planned: true };
}
