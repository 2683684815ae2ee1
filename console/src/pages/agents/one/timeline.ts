import type { Attempt, EventView } from "../../../api/agents";
import type { components } from "../../../api/schema";
import type { Tone } from "../../../ui/Status";

export type AuditEntry = components["schemas"]["AuditView"];

/** What happened to one agent, from three records laid over each other. */
export type Moment =
  | { kind: "event"; key: string; at: string; tone: Tone; event: EventView }
  | { kind: "audit"; key: string; at: string; tone: Tone; entry: AuditEntry }
  | { kind: "attempt"; key: string; at: string; tone: Tone; attempt: Attempt };

/** A record, newest first, as far as it was read. */
interface Part<T> {
  items: readonly T[];
  /** There are older ones. */
  more: boolean;
}

export interface Record {
  events: Part<EventView>;
  audit: Part<AuditEntry>;
  attempts: Part<Attempt>;
}

const SEVERITY_TONE: Readonly<{ [severity: string]: Tone }> = { warning: "warn", error: "crit", critical: "crit", notice: "ok" };
const PHASE_TONE: Readonly<{ [phase: string]: Tone }> = {
  offered: "run", staged: "run", applied: "ok", failed: "crit", reverted: "warn", timed_out: "crit", superseded: "mute",
};

/** All moments, newest first; nothing older than what every record was read to, so that no gap looks like calm. */
export function timelineOf({ events, audit, attempts }: Record): { moments: Moment[]; more: boolean } {
  const moments: Moment[] = [
    ...events.items.map((event): Moment => ({ kind: "event", key: `e${event.row_id}`, at: event.time, tone: SEVERITY_TONE[event.severity] ?? "mute", event })),
    ...audit.items.map((entry): Moment => ({ kind: "audit", key: `a${entry.seq}`, at: entry.at, tone: "hold", entry })),
    ...attempts.items.map((attempt): Moment => ({ kind: "attempt", key: `c${attempt.attempt_id}`, at: attempt.changed_at, tone: PHASE_TONE[attempt.phase] ?? "mute", attempt })),
  ];
  const ends = [endOf(events, ({ time }) => time), endOf(audit, ({ at }) => at), endOf(attempts, ({ offered_at }) => offered_at)];
  const known = ends.filter((end) => end !== null);
  const horizon = known.toSorted().at(-1);
  return {
    moments: moments.filter(({ at }) => horizon === undefined || at >= horizon).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)),
    more: known.length > 0,
  };
}

const endOf = <T>({ items, more }: Part<T>, at: (item: T) => string): string | null => {
  const last = items.at(-1);
  return more && last !== undefined ? at(last) : null;
};
