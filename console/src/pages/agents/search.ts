import type { AgentFilter, AgentSort } from "../../api/agents";
import type { ListState } from "../../app/listSearch";

/** The list of agents as the address says it. */

/** Keys of the filters in the address, and how the server calls them. */
export const FILTERS = { condition: "condition", in: "group", standing: "standing", config: "config", version: "version", os: "os", problem: "problem", finding: "finding", labels: "selector" } as const;
export type FilterKey = keyof typeof FILTERS;
export const FILTER_KEYS = Object.keys(FILTERS) as FilterKey[];

export type View = "list" | "heat" | "groups";
export const VIEWS: readonly View[] = ["list", "heat", "groups"];

export const SORTS = ["hostname", "condition", "version", "group", "queued", "failed", "contact"] as const;
/** How a configuration stands at an agent. */
export const STANDINGS = ["in_sync", "offered", "waiting", "held", "local", "unmanaged"] as const;
/** What the verdict of the overview can say of an agent. */
export const FINDINGS = [
  "store_unreachable", "agents_failing", "agents_offline", "disk_low", "failures", "queue_wait", "config_failed", "high_water", "dead_letters",
  "agents_degraded",
] as const;
/** Worst first, so that the answer stands on top. */
export const USUAL_SORT: AgentSort = "-condition";

export function sortOf(word: string | undefined): AgentSort {
  return word !== undefined && SORTS.some((one) => one === word.replace(/^-/, "")) ? (word as AgentSort) : USUAL_SORT;
}

/** No configuration of the centre runs; the server's word for it is empty, which an address cannot hold. */
export const NO_CONFIG = "none";

interface Scope {
  env: string | undefined;
  group: string | undefined;
}

/** Values of one label are alternatives, labels must all fit. */
export function selectorsOf(labels: readonly string[]): string[] {
  const values = new Map<string, string[]>();
  for (const label of labels) {
    const [, name, value] = /^([^=!,\s]+)=([^,]+)$/.exec(label) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
    else values.set(label, []);
  }
  return [...values].map(([name, some]) => {
    if (some.length === 0) return name;
    return some.length === 1 ? `${name}=${some[0]}` : `${name} in (${some.join(",")})`;
  });
}

/** What the server is asked for: the filters of the list, within the scope of all pages. */
export function filterOf(state: Pick<ListState, "q" | "values">, scope: Scope): AgentFilter {
  const chosen = (key: FilterKey): string[] => [...state.values(key)];
  const groups = chosen("in");
  const selector = [...(scope.env ? [`env=${scope.env}`] : []), ...selectorsOf(chosen("labels"))].join(",");
  const filter: Record<string, unknown> = {
    condition: chosen("condition"),
    group: groups.length ? groups : scope.group ? [scope.group] : [],
    standing: chosen("standing"),
    config: chosen("config").map((hash) => (hash === NO_CONFIG ? "" : hash)),
    version: chosen("version"),
    os: chosen("os"),
    problem: chosen("problem"),
    finding: chosen("finding"),
    selector,
    text: state.q,
  };
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== "")),
  ) as AgentFilter;
}
