import type { components } from "../../../api/schema";

/** The plan of a rollout as the form holds it, and as it is sent. Pure. */

export type WaveUnit = "percent" | "count" | "groups";

export interface WaveDraft {
  unit: WaveUnit;
  size: number;
  groups: string[];
}

type Gates = components["schemas"]["GatesView"];
export type GateField = keyof Gates;

export interface Plan {
  waves: WaveDraft[];
  gates: Gates;
  on_failure: "revert" | "pause";
  retry_refused: boolean;
}

const percent = (size: number): WaveDraft => ({ unit: "percent", size, groups: [] });

export const PRESETS = {
  careful: [1, 10, 50, 100].map(percent),
  usual: [10, 100].map(percent),
  now: [percent(100)],
} as const;

export const START: Plan = {
  waves: [...PRESETS.careful],
  gates: { min_applied_share: 0.95, min_healthy_share: 0.95, max_failure_share: 0.02, soak_s: 60, attempt_timeout_s: 180, wave_timeout_s: 1800 },
  on_failure: "revert",
  retry_refused: false,
};

export const wavesOf = (waves: readonly WaveDraft[]) =>
  waves.map(({ unit, size, groups }) => (unit === "groups" ? { groups } : unit === "count" ? { count: Math.round(size) } : { percent: size }));

/** The preset that these waves are; undefined = none. */
export const presetOf = (waves: readonly WaveDraft[]): keyof typeof PRESETS | undefined =>
  (Object.keys(PRESETS) as (keyof typeof PRESETS)[]).find((name) => JSON.stringify(PRESETS[name]) === JSON.stringify(waves));

/** A wave more, before the last one, which always holds everybody. */
export function withWave(waves: readonly WaveDraft[]): WaveDraft[] {
  const before = waves.at(-2);
  const from = before?.unit === "percent" ? before.size : 0;
  return [...waves.slice(0, -1), percent(Math.min(99, Math.max(1, Math.round((from + 100) / 2)))), ...waves.slice(-1)];
}

/** Something that the server would refuse anyhow; it is asked only about what can be. */
export const isWhole = ({ waves }: Plan): boolean =>
  waves.every(({ unit, size, groups }) => (unit === "groups" ? groups.length > 0 : Number.isFinite(size) && size > 0)) &&
  waves.at(-1)?.unit === "percent" &&
  waves.at(-1)?.size === 100;
