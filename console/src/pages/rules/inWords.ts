import type { Document, Json } from "../../api/configs";
import type { I18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import { dotted, type FieldChange, shown } from "../../ui/diff/values";
import { isBlock } from "../../ui/edit/places";
import { changesBetween } from "./changes";
import { GROUPS, kindOf, partsOf, typedOf } from "./cond/conditions";
import { sayCondition } from "./cond/say";
import { fieldText } from "./words";

/** How two versions of a rule differ as people say it: conditions as sentences, actions and test cases by their parts. Pure. */

type Say = (before: Json, after: Json, path: string) => FieldChange[];

export function changesInWords(before: Json, after: Json, i18n: I18n): FieldChange[] {
  const [old, now] = [blockOf(before), blockOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => {
    const [was, is] = [old[key], now[key]];
    if (same(was, is)) return [];
    const say = PARTS[key];
    return say ? say(i18n)(was ?? null, is ?? null, `/${key}`) : [row(`/${key}`, wordOfKey(key, i18n), plain(key, was, i18n), plain(key, is, i18n))];
  });
}

const PARTS: Readonly<Record<string, (i18n: I18n) => Say>> = {
  when: (i18n) => (before, after, path) => conditionRows(before, after, path, i18n.t("rule.when"), i18n),
  then: (i18n) => (before, after, path) => listRows(before, after, path, OF_ACTIONS(i18n), i18n),
  tests: (i18n) => (before, after, path) => listRows(before, after, path, OF_TESTS(i18n), i18n),
  calendars: (i18n) => (before, after, path) => {
    const [old, now] = [blockOf(before), blockOf(after)];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((name) => !same(old[name], now[name]))
      .map((name) => row(`${path}/${name}`, `${i18n.t("rule.calendars")} · ${name}`, daysOf(old[name]), daysOf(now[name])));
  },
};

const blockOf = (value: Json): Document => (isBlock(value) ? value : {});
const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : []);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const daysOf = (value: Json | undefined): string | undefined => (value === undefined ? undefined : (Array.isArray(value) ? value : [value]).map(typedOf).join(" · "));

/** One line of the comparison; undefined = it is not there. */
const row = (path: string, name: string, before: string | undefined, after: string | undefined): FieldChange => ({
  path, name, before, after, kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
});

const NAMES: Readonly<Record<string, "rules.col.name" | "rules.col.priority" | "rules.col.owner" | "rule.description" | "rule.on_match" | "rule.enabled" | "rule.mode">> = {
  name: "rules.col.name", priority: "rules.col.priority", owner: "rules.col.owner", description: "rule.description", on_match: "rule.on_match", enabled: "rule.enabled", mode: "rule.mode",
};
const wordOfKey = (key: string, { t }: I18n): string => (NAMES[key] ? t(NAMES[key]) : key);

function plain(key: string, value: Json | undefined, { t, language }: I18n): string | undefined {
  if (value === undefined) return undefined;
  if (key === "on_match") return wordOf(language, "rules.on_match", typedOf(value));
  if (key === "mode") return wordOf(language, "rule.mode", typedOf(value));
  return typeof value === "boolean" ? t(value ? "task.yes" : "task.no") : shown(value);
}

function conditionRows(before: Json, after: Json, path: string, name: string, i18n: I18n): FieldChange[] {
  if (same(before, after)) return [];
  const whole = row(path, name, sayCondition(before, i18n), sayCondition(after, i18n));
  const kind = kindOf(after);
  const group = GROUPS.find((one) => one === kind);
  if (!group || kindOf(before) !== kind || !isBlock(before) || !isBlock(after)) return [whole];
  const rows = paired(partsOf(before), partsOf(after), likeCondition).flatMap(([old, now], index) => {
    const at = `${path}/${group}/${index}`;
    if (old === undefined || now === undefined) return [row(at, name, old === undefined ? undefined : sayCondition(old, i18n), now === undefined ? undefined : sayCondition(now, i18n))];
    return conditionRows(old, now, at, GROUPS.some((one) => one === kindOf(now)) ? `${name} · ${i18n.t(`cond.${kindOf(now) as typeof group}`)}` : name, i18n);
  });
  return rows.length ? rows : [whole];
}

/** Two conditions that ask about the same thing are one that was changed. */
const likeCondition = (value: Json): string => `${kindOf(value) ?? ""} ${isBlock(value) ? typedOf(value["field"]) : ""}`;

interface Kind {
  /** Two with the same word are one that was changed. */
  like: (value: Json) => string;
  /** What it is called, by its place in the list that has it. */
  name: (value: Json, place: number) => string;
  say: (value: Json) => string;
  inner: (before: Json, after: Json, path: string, name: string) => FieldChange[];
}

function listRows(before: Json, after: Json, path: string, kind: Kind, i18n: I18n): FieldChange[] {
  const [old, now] = [listOf(before), listOf(after)];
  const rows = paired(old, now, kind.like).flatMap(([was, is], index) => {
    const [value, list] = is === undefined ? [was, old] : [is, now];
    if (value === undefined) return [];
    const [at, name] = [`${path}/${index}`, kind.name(value, list.indexOf(value))];
    if (was !== undefined && is !== undefined) return same(was, is) ? [] : kind.inner(was, is, at, name);
    return [row(at, name, was === undefined ? undefined : kind.say(was), is === undefined ? undefined : kind.say(is))];
  });
  if (rows.length) return rows;
  return [row(path, i18n.t("rule.changed.order"), old.map((one, at) => kind.name(one, at)).join(" · "), now.map((one) => kind.name(one, old.findIndex((other) => same(one, other)))).join(" · "))];
}

const OF_ACTIONS = (i18n: I18n): Kind => ({
  like: (value) => `${typedOf(blockOf(value)["action"])} ${typedOf(blockOf(value)["name"])}`,
  name: (value, place) => `${i18n.t("rule.place.then", { number: place + 1 })} · ${typedOf(blockOf(value)["action"])}`,
  say: (value) => {
    const block = blockOf(value);
    const kind = typedOf(block["action"]);
    return [kind, ...Object.entries(blockOf(block["config"] ?? {})).map(([key, one]) => `${fieldText(kind, key, i18n.language)} ${shown(one)}`)].join(" · ");
  },
  inner: (before, after, path, name) => {
    const kind = typedOf(blockOf(after)["action"]);
    return changesBetween(before, after).map((change) => ({ ...change, path: path + change.path, name: `${name} · ${partName(kind, change.path, i18n)}` }));
  },
});

/** `/config/body/text` → the word of `body`, and what follows as it is written. */
function partName(kind: string, pointer: string, { language }: I18n): string {
  const steps = pointer.split("/").slice(1);
  if (steps[0] !== "config") return wordOf(language, "act", steps[0] ?? "");
  const [, field = "", ...rest] = steps;
  return [fieldText(kind, field, language), ...(rest.length ? [dotted(`/${rest.join("/")}`)] : [])].join(" · ");
}

const OF_TESTS = (i18n: I18n): Kind => ({
  like: (value) => typedOf(blockOf(value)["name"]),
  name: (value, place) => `${i18n.t("tests.case")} · ${typedOf(blockOf(value)["name"]) || `#${place + 1}`}`,
  say: (value) => sayCase(value, i18n),
  inner: (before, after, path, name) => [row(path, name, sayCase(before, i18n), sayCase(after, i18n))],
});

const sayCase = (value: Json, i18n: I18n): string => `${sayEventOf(value).join(" · ")} → ${sayExpected(value, i18n)}`;

/** What the event of a test case has, field by field. */
export const sayEventOf = (value: Json): string[] => Object.entries(blockOf(blockOf(value)["event"] ?? {})).map(([key, one]) => `${key} ${shown(one)}`);

/** What is expected of a test case. */
export function sayExpected(value: Json, { t }: Pick<I18n, "t">): string {
  const expect = blockOf(blockOf(value)["expect"] ?? {});
  const actions = expect["actions"];
  const said = t(expect["matched"] === false ? "tests.not" : "tests.matched");
  return Array.isArray(actions) ? `${said} · ${actions.map(typedOf).join(", ") || t("tests.no.actions")}` : said;
}

/** What stands in both lists beside each other: the same first, then what is like it, in order; undefined = in one only. */
function paired(before: readonly Json[], after: readonly Json[], like: (value: Json) => string): [Json | undefined, Json | undefined][] {
  const left = new Set(before.keys());
  const found = new Map<number, number>();
  for (const fits of [same, (a: Json, b: Json) => like(a) === like(b)]) {
    after.forEach((now, place) => {
      if (found.has(place)) return;
      const one = [...left].find((at) => fits(before[at] as Json, now));
      if (one === undefined) return;
      found.set(place, one);
      left.delete(one);
    });
  }
  const kept = after.map((now, place): [Json | undefined, Json | undefined] => [found.has(place) ? before[found.get(place) as number] : undefined, now]);
  return [...kept, ...[...left].map((at): [Json | undefined, Json | undefined] => [before[at], undefined])];
}
