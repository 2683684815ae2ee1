import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { text } from "../../app/search";
import { FILTER_KEYS, type FilterKey, type View, VIEWS } from "./search";
import type { TabKey } from "./one/AgentPage";

type Search = Record<string, unknown>;
type Word = string | string[];

/** What the addresses of these pages say; invalid values are dropped. */
interface ListSearch extends Partial<Record<"q" | "sort" | "sel" | "view" | FilterKey, Word>> {
  show?: View | undefined;
}

interface AgentSearch extends Partial<Record<"q" | "sort" | "status", Word>> {
  tab?: TabKey;
}

type MembersSearch = Partial<Record<"q" | "sort", Word>>;

const TABS: readonly TabKey[] = ["summary", "work", "config", "host", "audit"];

const isWord = (value: unknown): value is Word =>
  typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string"));

const kept = (search: Search, keys: readonly string[]): Record<string, Word> =>
  Object.fromEntries(keys.flatMap((key) => (isWord(search[key]) ? [[key, search[key]] as const] : [])));

function list(search: Search): ListSearch {
  const show = VIEWS.find((one) => one === text(search["show"]));
  return { ...kept(search, ["q", "sort", "sel", "view", ...FILTER_KEYS]), ...(show ? { show } : {}) };
}

function one(search: Search): AgentSearch {
  const tab = TABS.find((key) => key === text(search["tab"]));
  return { ...kept(search, ["q", "sort", "status"]), ...(tab ? { tab } : {}) };
}

const members = (search: Search): MembersSearch => kept(search, ["q", "sort"]);

export const agentsRoutes = [
  createRoute({ getParentRoute: () => root, path: "/agents", component: lazyRouteComponent(() => import("./AgentsPage"), "AgentsPage"), validateSearch: list }),
  createRoute({ getParentRoute: () => root, path: "/agents/$agentId", component: lazyRouteComponent(() => import("./one/AgentPage"), "AgentPage"), validateSearch: one }),
  createRoute({ getParentRoute: () => root, path: "/groups/$groupId", component: lazyRouteComponent(() => import("./group/GroupPage"), "GroupPage"), validateSearch: members }),
] as const;
