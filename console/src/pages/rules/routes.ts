import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, type ListSearch, oneOf, text, validateList } from "../../app/search";

type Search = Record<string, unknown>;

export const RULE_FILTERS = ["state", "note", "action", "owner"] as const;
export const RULE_SORTS = ["priority", "name", "hits", "last", "updated"] as const;
export const STATES = ["published", "observing", "disabled", "draft", "retired"] as const;
export const NOTES = ["never", "shadowed", "pending"] as const;
export const TABS = ["definition", "versions", "try", "backtest", "tests", "matches"] as const;
export type RuleTab = (typeof TABS)[number];
export type RuleStateWord = (typeof STATES)[number];
export type NoteWord = (typeof NOTES)[number];

const list = validateList(RULE_FILTERS, RULE_SORTS, { state: STATES, note: NOTES });
const plain = validateList<never>([]);

export interface RuleSearch extends ListSearch<never> {
  tab?: RuleTab | undefined;
  v?: number | undefined;
  against?: number | undefined;
  diff?: "fields" | "unified" | "split" | undefined;
  /** A stored event to try the rule with. */
  event?: string | undefined;
  kind?: "event" | "file" | undefined;
}

const numbered = (value: unknown): number | undefined => {
  const number = Number(text(value) ?? value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
};

const kept = <K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: T };

function one(search: Search): RuleSearch {
  return {
    ...plain(search),
    ...dropped(["tab", "v", "against", "diff", "event", "kind"], search),
    ...tried(search),
    ...kept("tab", oneOf(search["tab"], TABS)),
    ...kept("v", numbered(search["v"])),
    ...kept("against", numbered(search["against"])),
    ...kept("diff", oneOf(search["diff"], ["fields", "unified", "split"] as const)),
  };
}

export interface EditSearch {
  as?: "form" | "yaml" | undefined;
  /** The version that the writing begins from; none = the draft, or what is in force. */
  base?: number | undefined;
  /** A stored event that the rule is about. */
  event?: string | undefined;
  kind?: "event" | "file" | undefined;
}

function edited(search: Search): EditSearch {
  return {
    ...dropped(["as", "base", "event", "kind"], search),
    ...kept("as", oneOf(search["as"], ["form", "yaml"] as const)),
    ...kept("base", numbered(search["base"])),
    ...tried(search),
  };
}

function tried(search: Search): Pick<EditSearch, "event" | "kind"> {
  const event = text(search["event"]);
  return { ...kept("event", event && /^\d{1,19}$/.test(event) ? event : undefined), ...kept("kind", oneOf(search["kind"], ["event", "file"] as const)) };
}

export const rulesRoutes = [
  createRoute({ getParentRoute: () => root, path: "/rules", component: lazyRouteComponent(() => import("./RulesPage"), "RulesPage"), validateSearch: list }),
  createRoute({ getParentRoute: () => root, path: "/rules/new", component: lazyRouteComponent(() => import("./edit/EditPage"), "NewRulePage"), validateSearch: edited }),
  createRoute({ getParentRoute: () => root, path: "/rules/order", component: lazyRouteComponent(() => import("./order/OrderPage"), "OrderPage"), validateSearch: plain }),
  createRoute({ getParentRoute: () => root, path: "/rules/decisions/$kind/$row", component: lazyRouteComponent(() => import("./trial/DecisionPage"), "DecisionPage"), validateSearch: plain }),
  createRoute({ getParentRoute: () => root, path: "/rules/$rule", component: lazyRouteComponent(() => import("./RulePage"), "RulePage"), validateSearch: one }),
  createRoute({ getParentRoute: () => root, path: "/rules/$rule/edit", component: lazyRouteComponent(() => import("./edit/EditPage"), "EditRulePage"), validateSearch: edited }),
] as const;
