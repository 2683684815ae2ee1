import dayjs, { type Dayjs } from "dayjs";
import utc from "dayjs/plugin/utc";
import type { Translate } from "./translate";
import type { Language } from "./types";

dayjs.extend(utc);

let zone: "local" | "utc" = "local";

/** In which zone instants are told from now on. */
export function setZone(wanted: "local" | "utc"): void {
  zone = wanted;
}

/** An instant in the reader's zone. */
export const momentOf = (at: string | number): Dayjs => (zone === "utc" ? dayjs.utc(at) : dayjs(at));

// made once: a formatter costs more than a hundred numbers
const PLAIN = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const SHORT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1,240; from 100,000 on 12.4 万 or 124k. */
export function formatCount(value: number, language: Language): string {
  if (Math.abs(value) < 100_000) return PLAIN.format(value);
  if (language === "zh") {
    return value < 1e8 ? `${trim(value / 1e4)} 万` : `${trim(value / 1e8)} 亿`;
  }
  return value < 1e6 ? `${trim(value / 1e3)}k` : `${trim(value / 1e6)}M`;
}

const trim = (value: number): string => (value < 100 ? SHORT : WHOLE).format(value);

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

/** A number of bytes and its unit, 1,024 to the step. */
export function splitBytes(bytes: number): [string, string] {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return [value.toFixed(step === 0 || value >= 100 ? 0 : 1), UNITS[step] ?? "B"];
}

export const formatBytes = (bytes: number): string => splitBytes(bytes).join(" ");

/** Requests per second and the like: two digits that matter. */
export const formatRate = (value: number): string =>
  value === 0 || value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(value < 1 ? 2 : 1);

export function formatDuration(seconds: number, t: Translate): string {
  if (seconds < 1) return t("dur.ms", { n: seconds < 0.01 ? Number((seconds * 1000).toFixed(1)) : Math.round(seconds * 1000) });
  if (seconds < 60) return t("dur.s", { s: seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds) });
  const s = Math.round(seconds);
  if (s < 3600 && s % 60 === 0) return t("dur.m", { m: s / 60 });
  if (s < 3600) return t("dur.ms2", { m: Math.floor(s / 60), s: s % 60 });
  if (s < 86_400 && s % 3600 < 60) return t("dur.h", { h: Math.floor(s / 3600) });
  if (s < 86_400) return t("dur.hm", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  if (s % 86_400 < 3600) return t("dur.d", { d: Math.floor(s / 86_400) });
  return t("dur.dh", { d: Math.floor(s / 86_400), h: Math.floor((s % 86_400) / 3600) });
}

/** 18 min ago; instants in the future are told as now. */
export function formatAgo(seconds: number, t: Translate): string {
  if (seconds < 1) return t("time.now");
  if (seconds < 60) return t("time.s", { n: Math.floor(seconds) });
  if (seconds < 3600) return t("time.m", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("time.h", { n: Math.floor(seconds / 3600) });
  return t("time.d", { n: Math.floor(seconds / 86_400) });
}

/** 10:28:05, with the date when it is not today's. */
export function formatClock(at: string | number, nowMs: number): string {
  const moment = momentOf(at);
  return moment.format(moment.isSame(momentOf(nowMs), "day") ? "HH:mm:ss" : "MM-DD HH:mm:ss");
}

/** Local time with offset and UTC, for the tooltip. */
export const formatFull = (at: string): string =>
  `${momentOf(at).format("YYYY-MM-DD HH:mm:ss Z")}\n${new Date(at).toISOString()}`;
