import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { validateList } from "../../app/search";

export const AUDIT_FILTERS = ["actor_kind", "action", "resource_kind", "actor", "field", "changed", "automated"] as const;
export const AUDIT_TABS = ["changes", "diff", "json", "history"] as const;
export type AuditTab = (typeof AUDIT_TABS)[number];

const list = validateList(AUDIT_FILTERS);

const tabOf = (search: Record<string, unknown>): { tab?: AuditTab } => {
  const tab = AUDIT_TABS.find((one) => one === search["tab"]);
  return tab ? { tab } : {};
};

export const auditRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/audit",
    component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
    validateSearch: (search: Record<string, unknown>) => ({ ...list(search), ...tabOf(search) }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/audit/$seq",
    component: lazyRouteComponent(() => import("./EntryPage"), "EntryPage"),
    validateSearch: tabOf,
  }),
] as const;
