/** The cells of a wave: one for each agent, or one for several when there are too many to be told apart. Pure. */

import type { Tone } from "../Status";

export interface Agent {
  id: string;
  name: string;
  tone: Tone;
  /** How it stands there, in words. */
  word: string;
}

export interface Cell {
  /** The first is the one that the cell speaks of. */
  agents: Agent[];
  tone: Tone;
}

/** Worse first: a cell that stands for several tells of the worst. */
const ORDER: readonly Tone[] = ["crit", "warn", "hold", "run", "mute", "ok"];

const rank = (tone: Tone): number => ORDER.indexOf(tone);

/** At most `most` cells, in the order of the agents; each stands for the same number of neighbours. */
export function cellsOf(agents: readonly Agent[], most: number): { cells: Cell[]; each: number } {
  const each = Math.max(1, Math.ceil(agents.length / most));
  const cells: Cell[] = [];
  for (let from = 0; from < agents.length; from += each) {
    const some = agents.slice(from, from + each).toSorted((a, b) => rank(a.tone) - rank(b.tone));
    const [first] = some;
    if (first) cells.push({ agents: some, tone: first.tone });
  }
  return { cells, each };
}

/** Where the arrow keys lead in rows of `columns` cells; null = nowhere. */
export function neighbour(key: string, from: number, count: number, columns: number): number | null {
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, ArrowDown: from + columns, ArrowUp: from - columns, Home: 0, End: count - 1 }[key];
  return to !== undefined && to >= 0 && to < count && to !== from ? to : null;
}
