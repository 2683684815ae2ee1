import type { Permission } from "../api/account";
import type { PlainKey } from "../i18n/types";
import type { IconName } from "../ui/Icon";

/** The pages of the navigation, in their groups; one that has no route yet is not shown. */

export interface PageEntry {
  key: "overview" | "files" | "alerts" | "events" | "agents" | "configs" | "rules" | "tasks" | "dlq" | "audit" | "settings";
  path: string;
  icon: IconName;
  /** Parts of the process that it shows: hidden where none of them runs. */
  parts: readonly ("edge" | "centre")[];
  /** None of these = the entry is hidden; [] = for everybody. */
  needs: readonly Permission[];
  /** Other pages below the same entry, by their paths. */
  also?: readonly string[];
  /** Pressed after G. */
  letter: string;
  /** Its name below an icon on a phone, where the whole one is too long. */
  brief?: PlainKey;
  /** It stands in the bar of a phone itself; the others are behind "more". */
  first?: boolean;
}

export interface PageGroup {
  key: "operate" | "control" | "govern";
  pages: readonly PageEntry[];
}

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    key: "operate",
    pages: [
      { key: "overview", path: "/", icon: "gauge", parts: ["edge", "centre"], needs: ["edge:read", "fleet:read"], letter: "o", brief: "nav.overview.brief", first: true },
      { key: "files", path: "/files", icon: "folder", parts: ["edge", "centre"], needs: ["edge:read", "events:read"], letter: "f", brief: "nav.files.brief", first: true },
      { key: "alerts", path: "/alerts", icon: "bell", parts: ["centre"], needs: ["alerts:read"], letter: "a", first: true },
      { key: "events", path: "/events", icon: "bolt", parts: ["centre"], needs: ["events:read"], letter: "v" },
    ],
  },
  {
    key: "control",
    pages: [
      { key: "agents", path: "/agents", icon: "server", parts: ["centre"], needs: ["fleet:read"], letter: "n", brief: "nav.agents.brief", first: true },
      { key: "configs", path: "/configs", icon: "layers", parts: ["centre"], needs: ["config:read"], letter: "c", brief: "nav.configs.brief" },
      { key: "rules", path: "/rules", icon: "branch", parts: ["centre"], needs: ["rules:read"], letter: "r" },
      { key: "tasks", path: "/tasks", icon: "tasks", parts: ["centre"], needs: ["tasks:read"], letter: "t", brief: "nav.tasks.brief", also: ["/runs", "/flows"] },
      { key: "dlq", path: "/dlq", icon: "inbox", parts: ["centre"], needs: ["tasks:read"], letter: "d" },
    ],
  },
  {
    key: "govern",
    pages: [
      { key: "audit", path: "/audit", icon: "clock", parts: ["centre"], needs: ["audit:read"], letter: "u" },
      { key: "settings", path: "/settings", icon: "gear", parts: ["edge", "centre"], needs: [], letter: "e" },
    ],
  },
];

/** Places in the bar of a phone. */
const PLACES = 5;

/** What stands in the bar of a phone, and what its last place opens; few pages all have places of their own. */
export function barOf(groups: readonly PageGroup[]): { bar: readonly PageEntry[]; rest: readonly PageGroup[] } {
  const all = groups.flatMap(({ pages }) => pages);
  if (all.length <= PLACES) return { bar: all, rest: [] };
  const bar = [...all.filter(({ first }) => first), ...all.filter(({ first }) => !first)].slice(0, PLACES - 1);
  const rest = groups.map(({ key, pages }) => ({ key, pages: pages.filter((page) => !bar.includes(page)) }));
  return { bar: all.filter((page) => bar.includes(page)), rest: rest.filter(({ pages }) => pages.length > 0) };
}

/** The entry a path belongs to: /agents/agt-7 is one of /agents. */
export function entryOf(path: string): PageEntry | undefined {
  const all = PAGE_GROUPS.flatMap(({ pages }) => pages);
  const leads = (above: string): boolean => path === above || (above !== "/" && path.startsWith(`${above}/`));
  return all.find((entry) => [entry.path, ...(entry.also ?? [])].some(leads));
}
