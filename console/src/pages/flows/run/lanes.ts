import type { RunDetail, RunStep } from "../../../api/flows";
import type { Attempt } from "../../../api/tasks";
import type { I18n } from "../../../i18n/context";
import { formatClock, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import type { Bar, Lane } from "../../../ui/gantt/model";
import type { Tone } from "../../../ui/Status";
import { OUTCOME_TONE } from "../../tasks/words";
import { isUndone, STEP_TONE } from "../words";

/** The steps of a run over time: a bar for each attempt as far as they are known, what undoes a step below it. */

export type Tries = ReadonlyMap<string, readonly Attempt[]>;

/** What a bar is called in the address: its step, and the attempt of its task. */
export const barKey = (step: string, attempt?: Pick<Attempt, "run_no" | "attempt_no">): string => (attempt ? `${step}:${attempt.run_no}.${attempt.attempt_no}` : step);
export const stepOfBar = (key: string): string => key.split(":")[0] ?? key;

/** Attempts at the work of a step, and at undoing it; where its own action undoes it, both are of one task. */
export function triesOf(step: RunStep, tries: Tries): { work: readonly Attempt[]; undo: readonly Attempt[] } {
  const all = [...((step.task_id !== null && tries.get(step.task_id)) || [])].reverse();
  if (step.undo_task_id !== null) return { work: all, undo: [...(tries.get(step.undo_task_id) ?? [])].reverse() };
  const last = Math.max(0, ...all.map(({ run_no: run }) => run));
  if (!isUndone(step) || last < 2) return { work: all, undo: [] };
  return { work: all.filter(({ run_no: run }) => run < last), undo: all.filter(({ run_no: run }) => run === last) };
}

export function runLanes(run: RunDetail, tries: Tries, i18n: I18n, now: number): Lane[] {
  const { t } = i18n;
  const begun = run.steps.filter(({ begun_at: at }) => at !== null);
  begun.sort((a, b) => Date.parse(a.begun_at ?? "") - Date.parse(b.begun_at ?? ""));
  const waiting = run.steps.filter(({ begun_at: at }) => at === null);
  return [...begun, ...waiting].flatMap((step): Lane[] => {
    const { work, undo } = triesOf(step, tries);
    const name = step.title || step.id;
    const sub = [step.action === "APPROVAL" ? t("flow.approval") : step.action, ...(step.tries > 1 || work.length > 1 ? [t("run.tries", { count: Math.max(work.length, step.tries) })] : [])].join(" · ");
    const tail = step.error_class !== null && step.state === "failed" ? wordOf(i18n.language, "class", step.error_class) : step.state === "skipped" ? t("run.step.skipped") : undefined;
    const lane: Lane = { key: step.id, name, sub, tail, bars: work.length ? work.map((one, index) => attemptBar(step, one, index + 1, i18n, now)) : wholeBar(step, i18n, now) };
    if (!isUndone(step)) return [lane];
    const back: Lane = {
      key: `${step.id} undo`, name: t("run.undo.of", { name }), sub: t(`run.step.${step.state}`), inner: true,
      bars: undo.map((one, index) => attemptBar(step, one, index + 1, i18n, now)),
    };
    return [lane, back];
  });
}

function attemptBar(step: RunStep, attempt: Attempt, no: number, i18n: I18n, now: number): Bar {
  const { t } = i18n;
  return bar(barKey(step.id, attempt), attempt.started_at, attempt.ended_at, OUTCOME_TONE[attempt.outcome], {
    name: step.title || step.id, word: t(`task.outcome.${attempt.outcome}`), no,
    why: attempt.error_class === null ? "" : wordOf(i18n.language, "class", attempt.error_class),
  }, i18n, now);
}

/** A step whose attempts are not known, or that is done by nobody: approvals, skipped ones. */
function wholeBar(step: RunStep, i18n: I18n, now: number): Bar[] {
  if (step.begun_at === null || step.state === "skipped") return [];
  const asks = step.action === "APPROVAL" && step.state === "running";
  const word = asks ? i18n.t("run.step.asks") : i18n.t(`run.step.${step.state}`);
  return [bar(barKey(step.id), step.begun_at, step.ended_at, asks ? "hold" : STEP_TONE[step.state], { name: step.title || step.id, word, no: null, why: "" }, i18n, now)];
}

interface Said {
  name: string;
  word: string;
  /** Which attempt; null = it has none. */
  no: number | null;
  why: string;
}

function bar(key: string, begin: string, end: string | null, tone: Tone, { name, word, no, why }: Said, { t }: I18n, now: number): Bar {
  const from = Date.parse(begin);
  const to = end === null ? null : Date.parse(end);
  const length = formatDuration(Math.max(0, (to ?? now) - from) / 1000, t);
  const state = why ? t("run.bar.why", { word, why }) : word;
  return {
    key, from, to, tone, word,
    text: no === null || no === 1 ? length : t("task.attempt.bar", { no, length }),
    brief: no === null ? undefined : String(no),
    label: t("run.bar.say", { name, no: no ?? 1, state, at: formatClock(from, now), length }),
  };
}
