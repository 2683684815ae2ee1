import type { Entry } from "../../api/audit";
import { actionWords } from "../../i18n/actions";
import { auditFields } from "../../i18n/auditFields";
import { type Translate, wordOf } from "../../i18n/translate";
import type { Language } from "../../i18n/types";
import { changeOf, dotted, type FieldChange, shown } from "../../ui/diff/values";
import type { Tone } from "../../ui/Status";

/** An entry of the audit in words. Pure. */

export interface Words {
  t: Translate;
  language: Language;
}

export const verbOf = (action: string, language: Language): string => actionWords[language][action] ?? action;

export const kindOf = (kind: string, language: Language): string => {
  const word = wordOf(language, "kind", kind);
  return word === `kind.${kind}` ? kind : word;
};

/** An action without its object, as a filter names it: the verb, and what kind of thing it is done to. */
export function actionOf(action: string, language: Language): string {
  const [noun = ""] = action.split(".");
  const kind = kindOf(noun, language);
  return kind === noun ? verbOf(action, language) : `${verbOf(action, language)} · ${kind}`;
}

/** By what somebody came: the user of the host at a browser or at a command line, a person, a token. */
export const actorWord = ({ kind, id }: Pick<Entry["actor"], "kind" | "id">, language: Language): string =>
  wordOf(language, "actor", kind === "local" && id === "browser" ? "browser" : kind);

export function whoOf({ actor }: Pick<Entry, "actor">, { t, language }: Words): string {
  if (actor.kind === "system") return t("actor.system");
  const word = actorWord(actor, language);
  return actor.name || (actor.kind === "local" || actor.kind === "operator" ? word : actor.id) || word;
}

/** What was acted upon, as people call it. */
export function whatOf({ resource }: Entry, { t, language }: Words): string {
  const kind = kindOf(resource.kind, language);
  const facts = resource.facts ?? {};
  const layer = facts["layer_kind"] === "base" ? t("layer.base") : (facts["layer"] ?? "");
  if (resource.kind === "config_version" || resource.kind === "rollout") return [kind, layer, resource.name || short(resource.id)].filter(Boolean).join(" ");
  if (resource.kind === "config_layer") return `${kind} ${layer || short(resource.id)}`;
  if (resource.kind === "endpoint") return resource.id;
  if (resource.kind === "fleet" || resource.kind === "audit") return kind;
  return `${kind} ${resource.name || short(resource.id)}`;
}

const short = (id: string): string => (id.length > 22 ? `${id.slice(0, 20)}…` : id);

/** Values that are codes, by kind of thing and field: the words that they stand for. */
const CODES: Readonly<Record<string, string>> = {
  "rollout /status": "agents.rollout.status", "rollout /cause/code": "gatecause", "task /state": "task.state", "flow_run /state": "run.state",
  "user /role": "role", "api_token /role": "role",
};

/** What changed, with names in the place of ids that the server knows, and words in the place of codes. */
export function changesOf({ changes, names = {}, resource }: Entry, { t, language }: Words): FieldChange[] {
  const named = (path: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => named(path, one));
    if (typeof value === "boolean") return t(value ? "field.on" : "field.off");
    if (value === null) return t("audit.none");
    if (path === "/wave" && typeof value === "number") return value + 1; // people count from one
    if (typeof value !== "string") return value;
    const codes = CODES[`${resource.kind} ${path}`];
    if (codes !== undefined) return wordOf(language, codes, value);
    return value in names ? names[value] || t("layer.base") : value;
  };
  return changes.map((change) => {
    const { before, after } = change as { before?: unknown; after?: unknown };
    const path = String(change["path"]);
    const ofDocument = /^\/(document|rule|flow|alert_rule|chain|schedule|inhibition)\//.test(path);
    const value = (one: unknown): unknown => (ofDocument ? one : named(path, one));
    const sides = { ...("before" in change ? { before: value(before) } : {}), ...("after" in change ? { after: value(after) } : {}) };
    const name = ofDocument ? undefined : auditFields[language][dotted(path)];
    return { ...changeOf(path, sides), ...(name === undefined ? {} : { name }) };
  });
}

const after = (entry: Entry, path: string): unknown => entry.changes.find((change) => change["path"] === path)?.["after"];

/** A new thing has many fields that say nothing yet. */
const isNothing = (value: unknown): boolean => value === null || value === "" || (typeof value === "object" && Object.keys(value as object).length === 0);

const DENIED = "access.denied";
const NAMED = 2;
const LONGEST = 24;

/** The change in a few words: the two first fields, or what a rollout did. */
export function summaryOf(entry: Entry, { t, language }: Words): string {
  if (entry.resource.kind === "rollout" && entry.action !== "rollout.create") return sayMove(entry, t);
  if (entry.action === "rollout.create") return entry.reason;
  if (entry.action === DENIED) return t("audit.denied", { permission: wordOf(language, "permission", String(entry.detail["permission"] ?? "")) });
  const changes = changesOf({ ...entry, changes: entry.changes.filter((one) => "before" in one || !isNothing(one["after"])) }, { t, language });
  const named = changes.slice(0, NAMED).map((change) => sayChange(change, t));
  if (changes.length > NAMED) named.push(t("audit.more", { count: changes.length }));
  const count = entry.detail["offered"];
  if (typeof count === "number" && count > 0) named.push(t("rollout.move.offered", { count }));
  const failed = entry.detail["reason"];
  if (Array.isArray(failed) && failed.length) named.push(String((failed[0] as Record<string, unknown>)["message"] ?? ""));
  return named.join(" · ") || entry.reason;
}

function sayMove(entry: Entry, t: Translate): string {
  const said: string[] = [];
  const status = after(entry, "/status");
  const cause = String(after(entry, "/cause/code") ?? "");
  const why = cause === "failure_share" || cause === "unhealthy_share" || cause === "wave_timeout" ? t(`cause.${cause}`) : entry.reason;
  if (entry.action === "rollout.move" && (status === "reverting" || status === "paused")) said.push(t(`rollout.move.${status}`, { cause: why }));
  if (status === "reverted" || status === "completed") said.push(t(`rollout.move.${status}`));
  const wave = after(entry, "/wave");
  if (typeof wave === "number") said.push(t("rollout.move.wave", { wave: wave + 1 }));
  const offered = entry.detail["offered"];
  if (typeof offered === "number" && offered > 0) said.push(t("rollout.move.offered", { count: offered }));
  if (entry.reason && entry.action !== "rollout.move") said.push(entry.reason);
  return said.join(" · ");
}

function sayChange(change: FieldChange, t: Translate): string {
  const name = change.name ?? dotted(change.path).replace(/^document\./, "").split(".").slice(-1)[0] ?? "";
  const text = (value: unknown): string => {
    const all = value === null ? t("audit.none") : shown(value);
    return all.length > LONGEST ? `${all.slice(0, LONGEST)}…` : all;
  };
  if (change.kind === "added") return t("audit.field.added", { name, after: text(change.after) });
  if (change.kind === "removed") return t("audit.field.removed", { name });
  return t("audit.field.change", { name, before: text(change.before), after: text(change.after) });
}

type ResultWord = "ok" | "failed" | "refused" | "reverting" | "reverting.gate" | "reverted" | "paused" | "paused.gate";

/** How it ended, as far as the entry tells: what is on record was done, but not all of it is good news. */
export function resultOf(entry: Entry): { word: ResultWord; tone: Tone } {
  const status = entry.resource.kind === "rollout" ? after(entry, "/status") : undefined;
  if (entry.action === DENIED || entry.action === "config.failed") return { word: "refused", tone: "crit" };
  if (entry.action === "config.reverted") return { word: "reverted", tone: "crit" };
  if (entry.action === "task.time_out") return { word: "failed", tone: "crit" };
  if (entry.action === "task.finish" && entry.detail["status"] !== "success" && entry.detail["status"] !== "succeeded") return { word: "failed", tone: "crit" };
  const byGate = entry.action === "rollout.move"; // a person's act has its own name
  if (status === "reverting") return { word: byGate ? "reverting.gate" : "reverting", tone: "warn" };
  if (status === "reverted") return { word: "reverted", tone: "warn" };
  if (status === "paused") return { word: byGate ? "paused.gate" : "paused", tone: "hold" };
  return { word: "ok", tone: "ok" };
}

/** Today 11-22: the head line under which an entry stands. */
export const dayOf = (at: string): string => new Date(at).toLocaleDateString("sv-SE");
