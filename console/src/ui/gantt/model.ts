import type { Tone } from "../Status";

/** Where bars stand on a line of time; pure, so that it can be tested. All times are ms since 1970. */

/** One stretch of time: an attempt, or what is only planned. */
export interface Bar {
  key: string;
  from: number;
  /** null = it goes on. */
  to: number | null;
  tone: Tone;
  /** The state as a word. */
  word: string;
  /** What stands on it when it fits, for example which attempt it is. */
  text: string;
  /** What stands there when only little fits. */
  brief?: string | undefined;
  /** A whole sentence for those who do not see the picture. */
  label: string;
  /** Not begun: only where it is expected. */
  planned?: boolean;
}

/** One row. */
export interface Lane {
  key: string;
  name: string;
  sub?: string | undefined;
  /** Indented: it belongs to the row above, or undoes it. */
  inner?: boolean;
  /** What came of it, behind the last bar. */
  tail?: string | undefined;
  bars: readonly Bar[];
}

export interface Span {
  from: number;
  to: number;
}

const AT_LEAST_MS = 1_000;
/** Share of the width that stays free behind the newest moment. */
const ROOM = 0.05;

/** The time that all rows share; what goes on reaches to `now`. */
export function spanOf(lanes: readonly Lane[], now: number): Span {
  const bars = lanes.flatMap(({ bars: some }) => some);
  if (bars.length === 0) return { from: now - AT_LEAST_MS, to: now };
  const from = Math.min(...bars.map((bar) => bar.from));
  const to = Math.max(...bars.map((bar) => bar.to ?? Math.max(now, bar.from)), from + AT_LEAST_MS);
  return { from, to: to + (to - from) * ROOM };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  100, 200, 500, ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND), ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR), ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** Distances from the begin where lines stand, in ms: at most `most`, at even steps. */
export function ticksOf({ from, to }: Span, most: number): number[] {
  const length = to - from;
  const step = STEPS.find((one) => length / one <= most) ?? 365 * DAY;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

export interface Placed {
  bar: Bar;
  x: number;
  width: number;
  /** As much of its text as fits onto it; "" = nothing does. */
  text: string;
}

const THIN = 4;
const PAD = 10;
/** Widths of one character of the font of bars, in px. */
const WIDE_CHAR = 11.5;
const CHAR = 6.6;

/** About how wide a text is. */
export const widthOf = (text: string): number => [...text].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? WIDE_CHAR : CHAR), 0);

/** The bars of a row on so many pixels; the shortest are still seen, and each begins where the one before ends at the earliest. */
export function placed({ bars }: Lane, { from, to }: Span, width: number, now: number): Placed[] {
  const scale = width / (to - from);
  let free = 0;
  return [...bars]
    .sort((a, b) => a.from - b.from)
    .map((bar) => {
      const x = Math.min(Math.max((bar.from - from) * scale, free), Math.max(0, width - THIN));
      const end = ((bar.to ?? Math.max(now, bar.from)) - from) * scale;
      const wide = Math.max(THIN, Math.min(end, width) - x);
      free = x + wide + 1;
      const text = [bar.text, bar.brief ?? ""].find((one) => widthOf(one) + PAD <= wide) ?? "";
      return { bar, x, width: wide, text };
    });
}

export interface Place {
  lane: number;
  bar: number;
}

/** Where an arrow key leads from a bar; null = the key is none of ours. */
export function walk(key: string, at: Place, rows: readonly (readonly Placed[])[]): Place | null {
  const filled = rows.flatMap((row, lane) => (row.length ? [lane] : []));
  const row = rows[at.lane] ?? [];
  const here = row[at.bar];
  const beside = (step: 1 | -1): Place => {
    const lane = filled[filled.indexOf(at.lane) + step];
    if (lane === undefined || !here) return at;
    const middle = here.x + here.width / 2;
    const away = (rows[lane] ?? []).map(({ x, width }) => Math.abs(x + width / 2 - middle));
    return { lane, bar: away.indexOf(Math.min(...away)) };
  };
  switch (key) {
    case "ArrowRight":
      return at.bar + 1 < row.length ? { ...at, bar: at.bar + 1 } : { ...beside(1), ...(beside(1).lane === at.lane ? {} : { bar: 0 }) };
    case "ArrowLeft":
      return at.bar > 0 ? { ...at, bar: at.bar - 1 } : beside(-1).lane === at.lane ? at : { lane: beside(-1).lane, bar: (rows[beside(-1).lane] ?? []).length - 1 };
    case "ArrowDown":
      return beside(1);
    case "ArrowUp":
      return beside(-1);
    case "Home":
      return { lane: filled[0] ?? 0, bar: 0 };
    case "End": {
      const lane = filled.at(-1) ?? 0;
      return { lane, bar: Math.max(0, (rows[lane] ?? []).length - 1) };
    }
    default:
      return null;
  }
}
