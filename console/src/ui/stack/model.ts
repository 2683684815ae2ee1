import type { Tone } from "../Status";

/** One line, or one layer of bars. */
export interface Series {
  name: string;
  /** Name of a colour token. */
  color: string;
  /** One for each time of the stack; null = not known, and stays a gap. */
  values: readonly (number | null)[];
}

export interface Threshold {
  value: number;
  label: string;
}

/** Distances of time that people read easily, in seconds. */
export const TIME_STEPS = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800] as const;

export interface PanelSpec {
  id: string;
  name: string;
  /** Bars are stacked. */
  kind: "line" | "bars";
  series: readonly Series[];
  height: number;
  format: (value: number) => string;
  threshold?: Threshold;
  /** Distances between the marks of the axis, where powers of ten are no round numbers. */
  steps?: readonly number[];
  /** A ratio does not begin at 0: its axis ends here, and begins where the data needs it. */
  ceiling?: number;
}

/** A change, as a vertical line with a label. */
export interface Marker {
  id: string;
  /** Seconds since 1970. */
  at: number;
  label: string;
  tone: Tone;
  href?: string;
}

/** A stretch of time in which something was violated. */
export interface Band {
  from: number;
  to: number;
  tone: "warn" | "crit";
}

/** Most series that can be told apart; the others are summed up. */
export const MAX_SERIES = 5;

/** The largest series, and one that sums up the others. */
export function topSeries(series: readonly Series[], other: Pick<Series, "name" | "color">): Series[] {
  const sum = ({ values }: Series): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const sorted = [...series].sort((a, b) => sum(b) - sum(a));
  if (sorted.length <= MAX_SERIES) return sorted;
  return [...sorted.slice(0, MAX_SERIES), { ...other, values: added(sorted.slice(MAX_SERIES)) }];
}

/** Sums per time; a time of which no series knows anything stays unknown. */
function added(series: readonly Series[]): (number | null)[] {
  return (series[0]?.values ?? []).map((_, at) => {
    const known = series.map(({ values }) => values[at]).filter((value) => value !== null && value !== undefined);
    return known.length ? known.reduce((total, value) => total + value, 0) : null;
  });
}

/** What bars that stand on each other reach up to, the lowest first. */
export const piled = (series: readonly Series[]): (number | null)[][] =>
  series.map((_, index) => added(series.slice(0, index + 1)));

/** The ends of an axis: from 0, or for a ratio from a round number below what is shown. */
export function rangeOf({ ceiling, threshold }: PanelSpec, least: number | null, most: number | null): [number, number] {
  const wanted = threshold?.value;
  if (ceiling !== undefined) {
    const low = Math.min(least ?? ceiling, wanted ?? ceiling);
    const gap = Math.max((ceiling - low) * 1.25, ceiling / 1000);
    const step = 10 ** Math.floor(Math.log10(gap));
    return [Math.max(0, ceiling - Math.ceil(gap / step) * step), ceiling];
  }
  const high = Math.max(most ?? 0, wanted ?? 0);
  return [0, high > 0 ? high * 1.12 : 1];
}

const WIDE = /[\u2e80-\uffff]/u;

/** How wide a label of 11 px is, roughly; enough to keep labels apart. */
export const widthOf = (text: string): number =>
  [...text].reduce((total, letter) => total + (WIDE.test(letter) ? 11 : 6.3), 18);

export interface Placed {
  /** Those that stand together; one, where there is room. */
  markers: Marker[];
  x: number;
  left: number;
  width: number;
}

/** Labels side by side: those that would lie over each other become one that counts. */
export function placeLabels(markers: readonly Marker[], xOf: (at: number) => number, room: number, many: (count: number) => string): Placed[] {
  const placed: Placed[] = [];
  for (const marker of [...markers].sort((a, b) => a.at - b.at)) {
    const fresh = standing([marker], xOf, room, many);
    const last = placed.at(-1);
    if (last && fresh.left < last.left + last.width + 4) placed[placed.length - 1] = standing([...last.markers, marker], xOf, room, many);
    else placed.push(fresh);
  }
  return placed;
}

export const labelOf = (markers: readonly Marker[], many: (count: number) => string): string =>
  markers.length === 1 ? (markers[0]?.label ?? "") : many(markers.length);

function standing(markers: Marker[], xOf: (at: number) => number, room: number, many: (count: number) => string): Placed {
  const first = xOf(markers[0]?.at ?? 0);
  const x = (first + xOf(markers.at(-1)?.at ?? 0)) / 2;
  const width = widthOf(labelOf(markers, many));
  return { markers, x, left: Math.max(0, Math.min(room - width, x - width / 2)), width };
}
