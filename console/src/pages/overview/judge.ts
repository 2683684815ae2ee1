import type { Overview } from "../../api/client";
import { byHand, holdsUp, stageOf, stopping, stoppingWhenFailing } from "../../i18n/reasons";
import type { Tone } from "../../ui/Status";
import type { Hour } from "./hour";

/** Decisions of the overview as pure functions: what is said about which numbers, and in which colour. */

type Queue = Overview["queue"];

export const pendingOf = (queue: Queue): number => queue.ready + queue.sending + queue.waiting;

/** Of what kind a reason is: one that stops work, the passing start, or any other. */
export function reasonTone(code: string, state: Overview["state"]): Tone {
  if (stopping.has(code) || (state === "failing" && stoppingWhenFailing.has(code))) return "crit";
  return code === "starting" ? "run" : "warn";
}

/** Worst first; what a person ordered stands behind what fails; the server's order within. */
export function rank({ reasons, state }: Pick<Overview, "reasons" | "state">): Overview["reasons"] {
  const weight = (code: string): number => {
    const tone = reasonTone(code, state);
    const late = byHand.has(code) ? 0.5 : 0;
    if (tone === "crit") return late;
    if (tone === "run") return 3;
    return (holdsUp.has(code) ? 1 : 2) + late;
  };
  return [...reasons].sort((a, b) => weight(a.code) - weight(b.code));
}

/** Nothing was ever seen: the page teaches the first step. */
export const isFirstRun = ({ queue, state }: Overview): boolean =>
  state === "ok" && queue.settling + pendingOf(queue) + queue.dead + queue.done_total + queue.skipped === 0;

/** How far the first steps of a host are. */
export const firstSteps = ({ queue, watches }: Overview) => ({
  watch: watches.length > 0,
  drop: queue.settling + pendingOf(queue) + queue.dead + queue.done_total + queue.skipped > 0,
  see: queue.done_total > 0,
});

export interface Stage {
  tone: Tone;
  word: "ok" | "missing" | "backlog" | "broken" | "held" | "trouble" | "rising" | "some" | "dead" | "idle";
}

/** What the reasons say of a stage when its own numbers find nothing: a stage is never green beside its reason. */
function byReasons(now: Overview, stage: string): Stage {
  const worst = rank(now).find(({ code }) => stageOf[code] === stage);
  if (!worst) return { tone: "ok", word: "ok" };
  const backlog = worst.code === "high_water_files" || worst.code === "high_water_oldest";
  return { tone: reasonTone(worst.code, now.state), word: backlog ? "backlog" : "trouble" };
}

export function watchStage(now: Overview): Stage {
  const { watches } = now;
  const bad = watches.filter((watch) => watch.state === "missing" || watch.state === "denied").length;
  if (!watches.length) return { tone: "mute", word: "idle" };
  if (bad) return { tone: bad === watches.length ? "crit" : "warn", word: "missing" };
  return byReasons(now, "watch");
}

export function queueStage(now: Overview): Stage {
  const told = byReasons(now, "queue");
  if (told.tone === "crit") return told;
  if (now.queue.level_pct >= 100) return { tone: "crit", word: "backlog" };
  if (now.queue.level_pct >= 80) return { tone: "warn", word: "backlog" };
  return told;
}

type Store = Overview["stores"][number];

export interface StoreJudgement {
  tone: Tone;
  word: "ok" | "failing" | "unknown" | "paused" | "trial" | "held";
}

/** One word for a destination: its breaker decides before its last probe, for it says whether files go there. */
export function storeJudgement(store: Store): StoreJudgement {
  if (store.breaker !== "closed" && store.breaker_manual) return { tone: "hold", word: "held" };
  if (store.breaker === "open") return { tone: "crit", word: "paused" };
  if (store.state === "failing") return { tone: "crit", word: "failing" };
  if (store.breaker === "half_open") return { tone: "warn", word: "trial" };
  if (store.state === "unknown") return { tone: "mute", word: "unknown" };
  return { tone: "ok", word: "ok" };
}

/** Destinations that do not receive as they should, whoever ordered it. */
export const concerned = (stores: Store[]): Store[] =>
  stores.filter((store) => !["ok", "unknown"].includes(storeJudgement(store).word));

export function sendStage({ stores }: Overview): Stage {
  const bad = concerned(stores);
  if (!bad.length) return { tone: "ok", word: "ok" };
  const held = bad.every((store) => storeJudgement(store).word === "held");
  return { tone: bad.length === stores.length ? "crit" : "warn", word: held ? "held" : "broken" };
}

/** Share of failed attempts in the last tenth of the hour that counts as a rise. */
const RISING = 0.2;
const SOME = 0.01;

export function failStage({ slots }: Hour): Stage {
  const recent = slots.slice(-Math.round(slots.length / 10));
  const failed = recent.reduce((sum, slot) => sum + (slot.failed ?? 0), 0);
  const share = failed / Math.max(1, failed + recent.reduce((sum, slot) => sum + (slot.files ?? 0), 0));
  if (share >= RISING) return { tone: "crit", word: "rising" };
  return share >= SOME ? { tone: "warn", word: "some" } : { tone: "ok", word: "ok" };
}

export const doneStage = (now: Overview): Stage =>
  now.queue.dead ? { tone: "warn", word: "dead" } : byReasons(now, "done");
