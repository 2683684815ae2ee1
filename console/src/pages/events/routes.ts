import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { validateList } from "../../app/search";

export const EVENT_FILTERS = ["severity", "type", "agent", "source", "labels"] as const;
export const FILE_FILTERS = ["status", "error_class", "store", "agent", "labels", "below"] as const;

export const eventsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/events",
    component: lazyRouteComponent(() => import("./EventsPage"), "EventsPage"),
    validateSearch: validateList(EVENT_FILTERS),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/events/files",
    component: lazyRouteComponent(() => import("./EventsPage"), "FileEventsPage"),
    validateSearch: validateList(FILE_FILTERS),
  }),
] as const;
