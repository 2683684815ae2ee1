import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { validateList } from "../../app/search";

export const ALERT_FILTERS = ["status", "severity", "rule", "label", "held", "owner"] as const;
export const STATUSES = ["firing", "acknowledged", "resolved"] as const;
export const SEVERITIES = ["critical", "error", "warning", "notice", "info", "debug"] as const;

export const alertsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/alerts",
    component: lazyRouteComponent(() => import("./list/AlertsPage"), "AlertsPage"),
    validateSearch: validateList(ALERT_FILTERS, [], { status: STATUSES, severity: SEVERITIES, held: ["yes", "no"] }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/$alert",
    component: lazyRouteComponent(() => import("./one/AlertPage"), "AlertPage"),
  }),
] as const;
