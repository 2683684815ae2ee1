import type { LevelQuery } from "../../api/files";
import { serverNow } from "../../live/now";

/** Sizes and ages that a directory's list can be narrowed to. */

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

export const SIZES = [
  { key: "small", from: 0, to: MIB - 1 },
  { key: "medium", from: MIB, to: 100 * MIB - 1 },
  { key: "large", from: 100 * MIB, to: 1024 * MIB - 1 },
  { key: "huge", from: 1024 * MIB, to: undefined },
] as const;

export const AGES = [
  { key: "hour", newerMs: HOUR_MS },
  { key: "day", newerMs: 24 * HOUR_MS },
  { key: "week", newerMs: 7 * 24 * HOUR_MS },
  { key: "older", olderMs: 30 * 24 * HOUR_MS },
] as const;

export function sizeOf(key: string | undefined): Pick<LevelQuery, "min_bytes" | "max_bytes"> {
  const size = SIZES.find((one) => one.key === key);
  return size ? { min_bytes: size.from, ...(size.to === undefined ? {} : { max_bytes: size.to }) } : {};
}

export function ageOf(key: string | undefined, nowMs = serverNow()): Pick<LevelQuery, "modified_from" | "modified_to"> {
  const age = AGES.find((one) => one.key === key);
  if (!age) return {};
  const at = (ms: number): string => new Date(nowMs - ms).toISOString();
  return "newerMs" in age ? { modified_from: at(age.newerMs) } : { modified_to: at(age.olderMs) };
}
