import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, type ListSearch, oneOf, text, validateList } from "../../app/search";
import { CONDITIONS } from "../../ui/conditions";
import { FILTER_KEYS, type FilterKey, FINDINGS, SORTS, STANDINGS, type View, VIEWS } from "./search";
import type { TabKey } from "./one/AgentPage";

type Search = Record<string, unknown>;

/** What the addresses of these pages say; invalid values are dropped. */
interface AgentSearch extends ListSearch<never> {
  status?: string | undefined;
  tab?: TabKey | undefined;
}

const TABS: readonly TabKey[] = ["summary", "work", "config", "host", "audit"];

const list = validateList(FILTER_KEYS, SORTS, { condition: CONDITIONS, standing: STANDINGS, finding: FINDINGS });
const plain = validateList<never>([]);
const members = validateList<never>([], SORTS);

function agents(search: Search): ListSearch<FilterKey> & { show?: View | undefined } {
  return { ...list(search), ...dropped(["show"], search), ...kept("show", oneOf(search["show"], VIEWS)) };
}

/** Parts of the page of one agent have lists of their own, whose orders only they know. */
function one(search: Search): AgentSearch {
  return {
    ...plain(search), ...dropped(["tab"], search),
    ...kept("sort", text(search["sort"])), ...kept("status", text(search["status"])), ...kept("tab", oneOf(search["tab"], TABS)),
  };
}

const kept = <K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: T };

export const agentsRoutes = [
  createRoute({ getParentRoute: () => root, path: "/agents", component: lazyRouteComponent(() => import("./AgentsPage"), "AgentsPage"), validateSearch: agents }),
  createRoute({ getParentRoute: () => root, path: "/agents/$agentId", component: lazyRouteComponent(() => import("./one/AgentPage"), "AgentPage"), validateSearch: one }),
  createRoute({ getParentRoute: () => root, path: "/groups/$groupId", component: lazyRouteComponent(() => import("./group/GroupPage"), "GroupPage"), validateSearch: members }),
] as const;
