import type { Summary } from "../../api/audit";

/** Days without a gap, and who acted on them. Pure. */

export const KINDS = ["people", "programs", "agents", "system"] as const;
export type Kind = (typeof KINDS)[number];

const KIND_OF: Record<string, Kind> = {
  user: "people", local: "people", operator: "people", anonymous: "people", token: "programs", agent: "agents", system: "system",
};

export interface Day {
  day: string;
  counts: Record<Kind, number>;
  all: number;
}

const DAY_MS = 86_400_000;
const MOST = 92;

export function columnsOf({ days }: Pick<Summary, "days">): Day[] {
  const found = new Map<string, Day>();
  for (const { day, actor_kind, count } of days) {
    const known = found.get(day) ?? { day, counts: { people: 0, programs: 0, agents: 0, system: 0 }, all: 0 };
    known.counts[KIND_OF[actor_kind] ?? "programs"] += count;
    known.all += count;
    found.set(day, known);
  }
  const names = [...found.keys()].toSorted();
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return [];
  const all: Day[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push(found.get(day) ?? { day, counts: { people: 0, programs: 0, agents: 0, system: 0 }, all: 0 });
  }
  return all.slice(-MOST);
}
