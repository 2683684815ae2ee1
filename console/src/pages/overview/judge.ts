import type { Overview } from "../../api/client";
import { holdsUp, stopping, stoppingWhenFailing } from "../../i18n/reasons";
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

/** Worst first; the server's order within. */
export function rank({ reasons, state }: Pick<Overview, "reasons" | "state">): Overview["reasons"] {
  const weight = (code: string): number => {
    const tone = reasonTone(code, state);
    if (tone === "crit") return 0;
    if (tone === "run") return 3;
    return holdsUp.has(code) ? 1 : 2;
  };
  return [...reasons].sort((a, b) => weight(a.code) - weight(b.code));
}

/** Nothing was ever seen: the page teaches the first step. */
export const isFirstRun = ({ queue, state }: Overview): boolean =>
  state === "ok" && queue.settling + pendingOf(queue) + queue.dead + queue.done_total + queue.skipped === 0;

export interface Stage {
  tone: Tone;
  word: "ok" | "missing" | "backlog" | "broken" | "rising" | "some" | "dead" | "idle";
}

export function watchStage({ watches }: Overview): Stage {
  const bad = watches.filter((watch) => watch.state === "missing" || watch.state === "denied").length;
  if (!watches.length) return { tone: "mute", word: "idle" };
  return bad ? { tone: bad === watches.length ? "crit" : "warn", word: "missing" } : { tone: "ok", word: "ok" };
}

export function queueStage({ queue }: Overview): Stage {
  if (queue.level_pct >= 100) return { tone: "crit", word: "backlog" };
  if (queue.level_pct >= 80) return { tone: "warn", word: "backlog" };
  return { tone: "ok", word: "ok" };
}

export function sendStage({ stores }: Overview): Stage {
  const bad = stores.filter((store) => store.state === "failing" || store.breaker !== "closed").length;
  if (!bad) return { tone: "ok", word: "ok" };
  return { tone: bad === stores.length ? "crit" : "warn", word: "broken" };
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

export const doneStage = ({ queue }: Overview): Stage =>
  queue.dead ? { tone: "warn", word: "dead" } : { tone: "ok", word: "ok" };
