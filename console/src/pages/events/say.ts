import type { EventItem, Severity } from "../../api/events";
import type { I18n } from "../../i18n/context";
import { refusalLine } from "../../i18n/faults";
import { formatDuration } from "../../i18n/format";
import { reasonNames } from "../../i18n/reasonNames";
import { reasonText, wordOf } from "../../i18n/translate";
import type { Tone } from "../../ui/Status";

/** An event in words: its type, and what its data says. Pure. */

export const SEVERITIES: readonly Severity[] = ["critical", "error", "warning", "notice", "info", "debug"];

export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  critical: "crit", error: "crit", warning: "warn", notice: "mute", info: "mute", debug: "mute",
};

const OURS = "gwf.";

/** The name of a type; types of others are their own name. */
export function typeText(type: string, { language }: Pick<I18n, "language">): string {
  if (!type.startsWith(OURS)) return type;
  const name = type.slice(OURS.length);
  for (const prefix of ["eventtype", "find"]) {
    const word = wordOf(language, prefix, name);
    if (word !== name) return word;
  }
  return type;
}

type Data = Readonly<Record<string, unknown>>;

export const dataOf = (event: EventItem): Data =>
  typeof event.data === "object" && event.data !== null && !Array.isArray(event.data) ? (event.data as Data) : {};

/** A single value as it is shown; "" for what is none. */
export const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "");

/** Who ordered something: the name behind `user:` or `token:`. */
const nameOf = (by: string): string => by.replace(/^(user|token|local|operator):/, "");

/** What happened, as far as the data of a known type says; of others the first values. */
export function sayEvent(event: EventItem, i18n: I18n): string {
  const data = dataOf(event);
  const type = event.type.startsWith(OURS) ? event.type.slice(OURS.length) : "";
  const [area] = type.split(".");
  if (area === "alert") return sayAlert(data, type === "alert.cleared", i18n);
  if (area === "agent") return sayAgent(data, i18n);
  if (area === "rollout") return sayRollout(event, data, i18n);
  return sayRest(type, event, data, i18n);
}

/** An alert of the centre has a title; what an agent raises has a code. */
function sayAlert(data: Data, cleared: boolean, { t, language }: I18n): string {
  const title = text(data["title"]);
  if (title) return title;
  const code = text(data["code"]);
  const params = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, text(value)]));
  const name = reasonNames[language][code] ?? code;
  if (!cleared) return reasonText(language, { code, params, message: name });
  const lasted = Number(data["lasted_s"]);
  const what = params["store"] ? t("event.of", { what: name, name: params["store"] }) : name;
  return Number.isFinite(lasted) ? t("event.lasted", { what, time: formatDuration(lasted, t) }) : what;
}

function sayAgent(data: Data, { t, language }: I18n): string {
  const [store, code, cause] = [text(data["store"]), text(data["code"]), text(data["cause"])];
  if (store) return t("event.store", { store });
  if (code) return reasonNames[language][code] ?? code;
  const silent = Number(data["silent_s"]);
  if (Number.isFinite(silent) && silent > 0) return t("timeline.silent", { time: formatDuration(silent, t) });
  return cause ? wordOf(language, "cause", cause) : "";
}

function sayRollout({ about, subject }: EventItem, data: Data, { t, language }: I18n): string {
  const { number, layer_kind: kind, layer } = about;
  const whose = kind === "base" ? t("layer.base") : kind === "group" || kind === "agent" ? t(`layer.${kind}`, { name: layer || "" }) : "";
  const what = number ? t("change.what", { layer: whose, number }) : (subject ?? "");
  const cause = text(data["cause"]);
  return cause ? t("event.of", { what, name: wordOf(language, "gatecause", cause) }) : what;
}

const FAULTS = ["reason", "problems"] as const;

function sayRest(type: string, event: EventItem, data: Data, { t, language }: I18n): string {
  for (const name of FAULTS) {
    const faults = data[name];
    if (Array.isArray(faults) && faults.length) {
      const [first] = faults as unknown[];
      if (typeof first !== "object" || first === null) return text(first);
      const { code, pointer, message } = first as Data;
      return refusalLine(language, { code: text(code), pointer: text(pointer), message: text(message) });
    }
  }
  const by = nameOf(text(data["by"]) || text(data["author"]));
  const path = text(data["path"]);
  if (path) return by ? t("event.by", { what: path, who: by }) : path;
  if (type.startsWith("dead_letters.")) return t("event.files", { count: Number(data["files"] ?? 0), why: [by, text(data["reason"])].filter(Boolean).join(" · ") });
  if (type === "config.applied") return t("event.config", { version: text(data["version"]), keys: Array.isArray(data["keys"]) ? data["keys"].join(", ") : "" });
  if (event.subject) return event.subject;
  return firstValues(data);
}

const MOST = 3;

const firstValues = (data: Data): string =>
  Object.entries(data)
    .filter(([, value]) => text(value) !== "")
    .slice(0, MOST)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(" · ");

/** Who told it. */
export function sourceText(source: string, { t }: Pick<I18n, "t">, hostname = ""): string {
  if (source === "/gwf/centre") return t("event.centre");
  if (source.startsWith("/gwf/agents/")) return hostname || source.slice("/gwf/agents/".length);
  return source;
}
