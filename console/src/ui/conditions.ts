import type { Tone } from "./Status";

/** How an agent is: its state, and whether it can do its duty. */
export type Condition = "online" | "draining" | "revoked" | "degraded" | "offline" | "failing" | "unknown";

/** Worst first: the order of facets, legends and counts. */
export const CONDITIONS: readonly Condition[] = ["failing", "degraded", "offline", "draining", "revoked", "online"];

export const CONDITION_TONE: Readonly<Record<Condition, Tone>> = {
  online: "ok", draining: "hold", revoked: "mute", degraded: "warn", offline: "mute", failing: "crit", unknown: "mute",
};

const LETTERS: Readonly<Record<string, Condition>> = {
  "-": "unknown", o: "online", n: "draining", r: "revoked", d: "degraded", x: "offline", f: "failing",
};

/** What a letter of a strip or a cell says. */
export const conditionOf = (letter: string): Condition => LETTERS[letter] ?? "unknown";

export interface Run {
  condition: Condition;
  /** Minutes before now at which it began and ended. */
  from: number;
  to: number;
}

/** A strip as stretches of one condition, oldest first: what is read out, and what a tooltip says. */
export function runsOf(strip: string): Run[] {
  const runs: Run[] = [];
  [...strip].forEach((letter, index) => {
    const condition = conditionOf(letter);
    const last = runs.at(-1);
    const to = strip.length - index - 1;
    if (last?.condition === condition) last.to = to;
    else runs.push({ condition, from: to + 1, to });
  });
  return runs;
}

const STEP = 4;

/** The bars of a strip as one path for each condition: a list of many agents has few parts to draw. */
export function barsOf(strip: string): [Condition, string][] {
  const paths = new Map<Condition, string>();
  [...strip].forEach((letter, index) => {
    const condition = conditionOf(letter);
    const x = index * STEP + 0.5;
    const bar = condition === "unknown" ? `M${x} 6h3v2h-3z` : `M${x} .5h2v13h-2z`;
    paths.set(condition, (paths.get(condition) ?? "") + bar);
  });
  return [...paths];
}
