import type { Shift } from "../../../api/oncall";

/** Shifts as they are drawn on a lane of days. Pure. */

export interface Stretch {
  shift: Shift;
  /** Parts of the whole, 0 to 1. */
  left: number;
  width: number;
  /** Of the person, counted by their first turn; -1 = nobody. */
  color: number;
}

export function stretchesOf(shifts: readonly Shift[], since: string, until: string): Stretch[] {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const people = [...new Set(shifts.flatMap(({ turn, person }) => [turn, person]).filter((name): name is string => name !== null))].toSorted();
  return shifts.flatMap((shift) => {
    const begin = Math.max(from, Date.parse(shift.begins_at));
    const end = Math.min(to, Date.parse(shift.ends_at));
    if (end <= begin) return [];
    return [{ shift, left: (begin - from) / (to - from), width: (end - begin) / (to - from), color: shift.person === null ? -1 : people.indexOf(shift.person) }];
  });
}

const DAY_MS = 86_400_000;

/** The days of a lane by the clocks of a zone: where each begins, and its date. */
export function daysOf(since: string, until: string, zone: string, language: string): { left: number; label: string; weekend: boolean }[] {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const date = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, month: "numeric", day: "numeric" });
  const day = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short" });
  const found: { left: number; label: string; weekend: boolean }[] = [];
  for (let at = midnightBefore(from, zone); at < to; at = midnightBefore(at + DAY_MS * 1.5, zone)) {
    found.push({ left: Math.max(0, (at - from) / (to - from)), label: date.format(at + DAY_MS / 2), weekend: ["Sat", "Sun"].includes(day.format(at + DAY_MS / 2)) });
  }
  return found;
}

/** The last midnight of a zone before a moment. */
function midnightBefore(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return at - (at % 1000) - ((of("hour") * 60 + of("minute")) * 60 + of("second")) * 1000;
}
