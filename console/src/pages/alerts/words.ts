import type { AlertItem, AlertStatus, AlertStep, Severity, StepValue } from "../../api/alerts";
import type { I18n } from "../../i18n/context";
import { formatClock, formatDuration } from "../../i18n/format";
import { fill, wordOf } from "../../i18n/translate";
import type { Tone } from "../../ui/Status";

/** What alerts and their steps look like and are called. Pure. */

export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = { critical: "crit", error: "crit", warning: "warn", notice: "mute", info: "mute", debug: "mute" };
export const STATUS_TONE: Readonly<Record<AlertStatus, Tone>> = { firing: "crit", acknowledged: "run", resolved: "ok" };
export const NOTICE_TONE: Readonly<Record<string, Tone>> = { firing: "crit", repeat: "warn", escalation: "warn", resolved: "ok" };
export const MESSAGE_TONE: Readonly<Record<string, Tone>> = {
  waiting: "run", planned: "run", taken: "run", sending: "run", sent: "ok", moved: "warn", failed: "crit", nobody: "warn",
};

type Lexicon = Pick<I18n, "language" | "t">;

/** The colour of an alert as a whole: only what fires is as bad as it says. */
export const toneOf = ({ status, severity, held_by: held }: Pick<AlertItem, "status" | "severity" | "held_by">): Tone =>
  status === "resolved" ? "ok" : held !== "" ? "mute" : status === "acknowledged" ? "run" : SEVERITY_TONE[severity];

export interface Hold {
  kind: "silence" | "inhibition";
  id: string;
  /** The alert that keeps it back, of an inhibition. */
  alert: string;
}

/** What holds an alert back, null = nothing does. */
export function holdOf(held: string): Hold | null {
  const [kind, id = "", alert = ""] = held.split(":");
  return kind === "silence" || kind === "inhibition" ? { kind, id, alert } : null;
}

/** A person's name behind `user:` and the like. */
export const personOf = (by: string): string => by.replace(/^(user|token|local|operator):/, "");

const SEVERITY_KEYS: ReadonlySet<string> = new Set(["before", "severity", "told"]);

/** Values of a step as a sentence takes them: moments, severities and people in the reader's words. */
export function sayable(values: Readonly<Record<string, StepValue>>, { language }: Pick<I18n, "language">, now: number): Record<string, string | number> {
  const said: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === null) continue;
    if (key.endsWith("_ms") && typeof value === "number") said[key.slice(0, -3)] = formatClock(value, now);
    else if (SEVERITY_KEYS.has(key)) said[key] = wordOf(language, "severity", String(value));
    else if (key === "by" || key === "was") said[key] = personOf(String(value));
    else said[key] = value;
    if (key === "level" && typeof value === "number") said["number"] = value + 1;
  }
  return said;
}

/** One step in words, with marks for `Rich`. */
export function sayStep({ stage, outcome, values }: AlertStep, { language }: Lexicon, now: number): string {
  const key = `${stage}.${outcome}`;
  const text = wordOf(language, "alert.step", key);
  if (text === key) return `${wordOf(language, "alert.stage", stage)} · ${outcome}`;
  const said = sayable(values, { language }, now);
  return fill(text, { until: "…", receivers: "", by: "", ...said }, language) ?? `${wordOf(language, "alert.stage", stage)} · ${outcome}`;
}

const STEP_TONE: Readonly<Record<string, Tone>> = {
  "rule.matched": "crit", "dedup.opened": "mute", "dedup.worse": "crit", "group.joined": "mute", "inhibit.held": "mute", "silence.held": "mute",
  "notify.nobody": "warn", "escalate.nobody": "warn", "escalate.escalation": "warn", "notify.repeat": "warn", "person.acknowledged": "run",
  "person.released": "hold", "person.reopened": "crit", "person.claimed": "run", "person.escalated": "warn", "resolve.rule": "ok", "resolve.person": "ok", "resolve.lapsed": "ok",
};

export const stepTone = ({ stage, outcome }: Pick<AlertStep, "stage" | "outcome">): Tone => STEP_TONE[`${stage}.${outcome}`] ?? "ok";

export const labelsOf = (labels: Readonly<Record<string, string>>): string[] => Object.entries(labels).map(([name, value]) => `${name}=${value}`);

/** How long it has lasted, or lasted, in seconds. */
export const lastingS = ({ started_at: from, ended_at: until }: Pick<AlertItem, "started_at" | "ended_at">, now: number): number =>
  Math.max(0, (until === null ? now : Date.parse(until)) - Date.parse(from)) / 1000;

/** A length that people chose: whole days and hours are told as such. */
export function lengthText(seconds: number, t: I18n["t"]): string {
  if (seconds > 0 && seconds % 86_400 === 0) return t("alerts.dur.d", { n: seconds / 86_400 });
  if (seconds > 0 && seconds % 3_600 === 0) return t("alerts.dur.h", { n: seconds / 3_600 });
  return formatDuration(seconds, t);
}
