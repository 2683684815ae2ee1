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

/** Colours for classes of failures, for each the one it usually has. */
const CLASS_COLOR: Readonly<Record<string, string>> = {
  throttled: "--warn-f", timeout: "--c4", network: "--c5", server: "--c2", auth: "--crit-f", not_found: "--c1", conflict: "--c3", checksum: "--crit-f",
  too_large: "--c1", local_io: "--c2", config: "--c3", other: "--mute-f",
};
const SPARE = ["--c2", "--c4", "--c5", "--c3", "--c1", "--warn-f", "--crit-f"] as const;

/** A colour for each class that does not depend on how often it failed; two that would look alike take another one. */
export function classColors(classes: readonly string[]): Map<string, string> {
  const colors = new Map<string, string>();
  for (const name of classes.toSorted()) {
    const taken = new Set(colors.values());
    const usual = CLASS_COLOR[name];
    colors.set(name, (usual && !taken.has(usual) ? usual : SPARE.find((one) => !taken.has(one))) ?? "--mute-f");
  }
  return colors;
}
