import type { FleetOverview } from "../../../api/fleet";
import type { Band } from "../../../ui/stack/model";

type Point = FleetOverview["points"][number];

export const secondsOf = (at: string): number => Math.floor(Date.parse(at) / 1000);

/** One value of each point. */
export const column = (points: readonly Point[], pick: (point: Point) => number | null): (number | null)[] => points.map(pick);

/** Failed attempts of one class; a class that a point does not name did not fail then. */
export const failuresOf = (points: readonly Point[], name: string): number[] => points.map(({ failures }) => failures[name] ?? 0);

/** Stretches of time in which the share of success was below its target. */
export function bandsOf(points: readonly Point[], target: number, stepS: number): Band[] {
  const bands: Band[] = [];
  for (const { at, success_ratio: ratio } of points) {
    if (ratio === null || ratio >= target) continue;
    const from = secondsOf(at);
    const last = bands.at(-1);
    if (last && last.to >= from) last.to = from + stepS;
    else bands.push({ from, to: from + stepS, tone: "crit" });
  }
  return bands;
}

/** Numbers for a small drawing: unknown ones are left out. */
export const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
