import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, oneOf, validateList } from "../../app/search";

export const AUDIT_FILTERS = ["actor_kind", "action", "resource_kind", "resource", "actor", "field", "value", "address", "changed", "automated", "denied"] as const;
export const AUDIT_TABS = ["changes", "diff", "json", "history"] as const;
export type AuditTab = (typeof AUDIT_TABS)[number];

export const ACTORS = ["user", "token", "local", "operator", "anonymous", "agent", "system"] as const;

const list = validateList(AUDIT_FILTERS, [], { actor_kind: ACTORS, changed: ["yes"], automated: ["yes"], denied: ["yes"] });

const tabOf = (search: Record<string, unknown>): { tab?: AuditTab | undefined } => {
  const tab = oneOf(search["tab"], AUDIT_TABS);
  return { ...dropped(["tab"], search), ...(tab ? { tab } : {}) };
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
