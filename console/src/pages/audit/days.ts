import type { Summary } from "../../api/audit";

/** Days without a gap, and who acted on them. Pure. */

export const KINDS = ["people", "programs", "agents", "system"] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Record<string, Kind> = {
  user: "people", local: "people", operator: "people", anonymous: "people", token: "programs", agent: "agents", system: "system",
};

export interface Day {
  /** The day, or of several the first. */
  day: string;
  /** The last of several. */
  until: string;
  counts: Record<Kind, number>;
  all: number;
  /** Older than what the server looked at: nothing is known, which is not nothing. */
  unknown: boolean;
}

const DAY_MS = 86_400_000;
/** More columns are too thin to be hit; then each holds several days. */
const MOST = 92;

const nameOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Every day of the range, those without entries too. */
export function columnsOf({ days, complete }: Pick<Summary, "days" | "complete">, first: string, last: string): Day[] {
  const named = days.map(({ day }) => day).toSorted();
  const begin = Date.parse([first, named[0] ?? first].toSorted()[0] ?? first);
  const end = Date.parse([last, named.at(-1) ?? last].toSorted()[1] ?? last);
  const count = Math.round((end - begin) / DAY_MS) + 1;
  const each = Math.max(1, Math.ceil(count / MOST));
  const columns = Array.from({ length: Math.ceil(count / each) }, (_, place): Day => {
    const from = begin + place * each * DAY_MS;
    const until = nameOf(Math.min(end, from + (each - 1) * DAY_MS));
    return { day: nameOf(from), until, counts: { people: 0, programs: 0, agents: 0, system: 0 }, all: 0, unknown: !complete && until < (named[0] ?? "") };
  });
  for (const { day, actor_kind, count: many } of days) {
    const column = columns[Math.floor((Date.parse(day) - begin) / DAY_MS / each)];
    if (!column) continue;
    column.counts[KIND_OF[actor_kind] ?? "programs"] += many;
    column.all += many;
  }
  return columns;
}
