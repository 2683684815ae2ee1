import dayjs from "dayjs";

/** When a silence begins and ends, as it is chosen and typed. Pure. */

export const LENGTHS = ["30m", "1h", "4h", "1d", "7d"] as const;
export type Length = (typeof LENGTHS)[number] | "own";

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

export interface Span {
  /** As a field shows it, in the reader's zone; "" = now. */
  begin: string;
  length: Length;
  /** Of an own length. */
  end: string;
}

const FIELD = "YYYY-MM-DDTHH:mm";

/** A moment as `<input type="datetime-local">` takes it. */
export const fieldOf = (at: number): string => dayjs(at).format(FIELD);

/** The moments that are meant; null = what is typed is none, or ends before it begins. */
export function momentsOf({ begin, length, end }: Span, now: number): { begins_at: string; ends_at: string } | null {
  const from = begin === "" ? dayjs(now) : dayjs(begin);
  const until = length === "own" ? dayjs(end) : from.add(secondsOf(length), "second");
  if (!from.isValid() || !until.isValid() || !until.isAfter(from) || !until.isAfter(dayjs(now))) return null;
  return { begins_at: from.toISOString(), ends_at: until.toISOString() };
}

export const secondsOf = (length: string): number => Number(length.slice(0, -1)) * (SECONDS[length.slice(-1)] ?? 0);
