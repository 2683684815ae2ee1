/** The time range that all pages share: relative (now-6h … now) or absolute; pure functions on the words of the address. */

export interface Range {
  from: string;
  to: string;
}

export const PRESETS = ["15m", "1h", "6h", "24h", "7d", "30d"] as const;
export type Preset = (typeof PRESETS)[number];

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const RELATIVE = /^now(?:-(\d{1,4})([mhd]))?$/;
const ABSOLUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;
const SHORTEST_MS = 60_000;

export const DEFAULT: Range = { from: "now-6h", to: "now" };

/** What pages about rare events show while the address names no range. */
const WEEK: Range = { from: "now-7d", to: "now" };
const WEEKLY = ["/configs", "/audit"] as const;

/** The range of a page while the address names none. */
export const usualOf = (path: string): Range => (WEEKLY.some((page) => path === page || path.startsWith(`${page}/`)) ? WEEK : DEFAULT);

export const isInstant = (word: string): boolean =>
  RELATIVE.test(word) || (ABSOLUTE.test(word) && !Number.isNaN(Date.parse(word)));

/** Milliseconds of a word of the address. */
export function instantOf(word: string, nowMs: number): number {
  const relative = RELATIVE.exec(word);
  if (!relative) return Date.parse(word);
  const unit = relative[2] as keyof typeof UNIT_MS | undefined;
  return unit === undefined ? nowMs : nowMs - Number(relative[1]) * UNIT_MS[unit];
}

/** Where a range lies now; the later end never before the earlier one. */
export function resolve({ from, to }: Range, nowMs: number): { fromMs: number; toMs: number } {
  const fromMs = instantOf(from, nowMs);
  return { fromMs, toMs: Math.max(fromMs + SHORTEST_MS, instantOf(to, nowMs)) };
}

export const presetRange = (preset: Preset): Range => ({ from: `now-${preset}`, to: "now" });

export const presetOf = ({ from, to }: Range): Preset | null =>
  to === "now" ? (PRESETS.find((preset) => from === `now-${preset}`) ?? null) : null;

/** A range that ends now moves with the clock. */
export const followsNow = ({ to }: Range): boolean => to === "now";

/** The range before (-1) or after (+1); what would reach beyond now ends now again. */
export function shifted(range: Range, direction: 1 | -1, nowMs: number): Range {
  const { fromMs, toMs } = resolve(range, nowMs);
  const step = (toMs - fromMs) * direction;
  if (toMs + step < nowMs) return absolute(fromMs + step, toMs + step);
  const minutes = Math.round((toMs - fromMs) / UNIT_MS.m);
  return { from: minutes % 60 === 0 ? `now-${minutes / 60}h` : `now-${minutes}m`, to: "now" };
}

/** Two instants as words of the address, to the second. */
export const absolute = (fromMs: number, toMs: number): Range => ({ from: iso(fromMs), to: iso(toMs) });

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
