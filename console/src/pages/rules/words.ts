import type { RuleItem } from "../../api/rules";
import { translator, wordOf } from "../../i18n/translate";
import type { Language } from "../../i18n/types";
import type { Tone } from "../../ui/Status";
import type { NoteWord, RuleStateWord } from "./routes";

/** Where rules stand, and what is odd about them. Pure. */

export const STATE_TONE: Readonly<Record<RuleStateWord, Tone>> = { published: "ok", observing: "run", disabled: "hold", draft: "run", retired: "mute" };

/** How far the version in force goes; a draft beside it changes nothing about that. */
export function stateOf({ state, stage }: RuleItem): RuleStateWord {
  if (state !== "published") return state;
  return stage === "off" ? "disabled" : stage === "observe" ? "observing" : "published";
}

/** What somebody should look at. */
export function notesOf(rule: RuleItem): NoteWord[] {
  const found: NoteWord[] = [];
  if (rule.shadowed_by) found.push("shadowed");
  if (rule.state === "published" && rule.last_hit_at === null) found.push("never");
  if (rule.state === "published" && rule.draft_version !== null) found.push("pending");
  return found;
}

/** The word of a field of an action's configuration: what some kinds call the same is another thing there. */
export function fieldText(kind: string, name: string, language: Language): string {
  const own = `${kind}.${name}`;
  const word = wordOf(language, "act.field", own);
  return word === own ? wordOf(language, "task.field", name) : word;
}

/** A place of a rule in words: which action or condition or test case, and which part of it. */
export function placeText(pointer: string, language: Language): string {
  const t = translator(language);
  const [part = "", number, ...rest] = pointer.split("/").slice(1);
  const place = Number(number) + 1;
  const name = rest.filter((step) => step !== "config").map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : wordOf(language, "task.field", step)));
  if (part === "then" && place) return [t("rule.place.then", { number: place }), ...name].join(" · ");
  if (part === "tests" && place) return t("tests.new.name", { number: place });
  return part === "when" ? t("rule.when") : wordOf(language, "rule", part);
}

const ACTIONS = "the actions were ";

/** What came of a test case instead of what was expected, from the server's own sentence. */
export function gotText(got: string, language: Language): string {
  const t = translator(language);
  if (got === "it matched") return t("tests.got.matched");
  if (got === "it did not match") return t("tests.got.not");
  return got.startsWith(ACTIONS) ? t("tests.got.actions", { kinds: got.slice(ACTIONS.length) }) : got;
}

const holds = (text: string, rule: RuleItem): boolean =>
  [rule.name, rule.description, rule.owner, rule.rule_id, rule.author, ...rule.actions].some((word) => word.toLowerCase().includes(text));

export interface RuleFilter {
  q: string;
  state: readonly string[];
  note: readonly string[];
  action: readonly string[];
  owner: readonly string[];
}

const fits = (chosen: readonly string[], values: readonly string[]): boolean => !chosen.length || values.some((value) => chosen.includes(value));

const TESTS: Readonly<Record<Exclude<keyof RuleFilter, "q">, (rule: RuleItem) => readonly string[]>> = {
  state: (rule) => [stateOf(rule)],
  note: notesOf,
  action: ({ actions }) => actions,
  owner: ({ owner }) => [owner],
};
const KEYS = Object.keys(TESTS) as (keyof typeof TESTS)[];

/** The rules that fit a filter; without one of its keys to count what that key would find. */
export function filtered(rules: readonly RuleItem[], filter: RuleFilter, without?: keyof typeof TESTS): RuleItem[] {
  const text = filter.q.trim().toLowerCase();
  return rules.filter((rule) => (!text || holds(text, rule)) && KEYS.every((key) => key === without || fits(filter[key], TESTS[key](rule))));
}

/** How many rules have each value of a filter. */
export function counted(rules: readonly RuleItem[], filter: RuleFilter, key: keyof typeof TESTS): Map<string, number> {
  const counts = new Map<string, number>();
  for (const rule of filtered(rules, filter, key)) for (const value of TESTS[key](rule)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const ORDERS: Readonly<Record<string, (a: RuleItem, b: RuleItem) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  hits: (a, b) => a.hits_7d - b.hits_7d,
  last: (a, b) => (a.last_hit_at ?? "").localeCompare(b.last_hit_at ?? ""),
  updated: (a, b) => a.updated_at.localeCompare(b.updated_at),
  priority: (a, b) => a.priority - b.priority,
};

/** In the order of the address; without one, that in which they are asked. */
export function ordered(rules: readonly RuleItem[], sort: string | undefined): RuleItem[] {
  const order = sort === undefined ? undefined : ORDERS[sort.replace(/^-/, "")];
  if (!order) return [...rules];
  return rules.toSorted(sort?.startsWith("-") ? (a, b) => order(b, a) : order);
}
