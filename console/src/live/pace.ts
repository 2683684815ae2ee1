import type { LiveKind } from "./LiveFeed";

/** How quickly what a query shows grows old. */
export type Pace = "detail" | "list" | "report";

/** How often is asked while no stream tells of changes. */
const EVERY_MS: Readonly<Record<Pace, number>> = { detail: 5_000, list: 15_000, report: 60_000 };

/** With a stream, asking is only for what changes without an event: rates and ages. */
const CALM = 4;

/** So many turns without an answer, and what is shown counts as old. */
const MISSED = 3;

export const everyMs = (pace: Pace, live: LiveKind): number => EVERY_MS[pace] * (live === "live" ? CALM : 1);

/** Age from which values are shown as old: they should have been renewed several times since. */
export const limitMs = (pace: Pace, live: LiveKind): number => everyMs(pace, live) * MISSED;
