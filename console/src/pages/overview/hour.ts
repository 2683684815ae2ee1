import type { Overview } from "../../api/client";

/** One interval of the last hour; null = the process did not run then. */
export interface Slot {
  at: number;
  /** How much of it has passed. */
  seconds: number;
  files: number | null;
  bytes: number | null;
  failed: number | null;
}

export interface Hour {
  stepS: number;
  slots: Slot[];
  files: number;
  bytes: number;
  failed: number;
}

const HOUR_S = 3600;
/** The interval that runs is not judged by less than this. */
const MIN_PASSED_S = 5;
/** More slots than this cannot be told apart in the drawing. */
const MAX_SLOTS = 120;

/** The last hour on an even grid: the server names only intervals in which something happened. */
export function hourOf({ rates, as_of, started_at }: Pick<Overview, "rates" | "as_of" | "started_at">): Hour {
  const stepS = rates.step_s * Math.max(1, Math.ceil(HOUR_S / rates.step_s / MAX_SLOTS));
  const last = Math.floor(Date.parse(as_of) / 1000 / stepS) * stepS;
  const began = Math.floor(Date.parse(started_at) / 1000 / stepS) * stepS;
  const count = Math.ceil(HOUR_S / stepS);
  const slots: Slot[] = Array.from({ length: count }, (_, i) => {
    const at = last - (count - 1 - i) * stepS;
    const nothing = at >= began ? 0 : null;
    const seconds = i < count - 1 ? stepS : Math.max(MIN_PASSED_S, Date.parse(as_of) / 1000 - at);
    return { at, seconds, files: nothing, bytes: nothing, failed: nothing };
  });
  const hour = { stepS, slots, files: 0, bytes: 0, failed: 0 };
  for (const point of rates.points) {
    const slot = slots[count - 1 - Math.round((last - Math.floor(Date.parse(point.at) / 1000 / stepS) * stepS) / stepS)];
    if (!slot) continue;
    slot.files = (slot.files ?? 0) + point.files;
    slot.bytes = (slot.bytes ?? 0) + point.bytes;
    slot.failed = (slot.failed ?? 0) + point.failed_attempts;
    hour.files += point.files;
    hour.bytes += point.bytes;
    hour.failed += point.failed_attempts;
  }
  return hour;
}
