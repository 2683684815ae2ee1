import { createRouter } from "@tanstack/react-router";
import { baseUrl } from "../api/client";
import { agentsRoutes } from "../pages/agents/routes";
import { alertsRoutes } from "../pages/alerts/routes";
import { auditRoutes } from "../pages/audit/routes";
import { configsRoutes } from "../pages/configs/routes";
import { dlqRoutes } from "../pages/dlq/routes";
import { eventsRoutes } from "../pages/events/routes";
import { filesRoutes } from "../pages/files/routes";
import { flowsRoutes } from "../pages/flows/routes";
import { loginRoutes } from "../pages/login/routes";
import { overviewRoutes } from "../pages/overview/routes";
import { rulesRoutes } from "../pages/rules/routes";
import { settingsRoutes } from "../pages/settings/routes";
import { tasksRoutes } from "../pages/tasks/routes";
import { BrokenPage, MissingPage, PendingPage } from "./Fallbacks";
import { root } from "./root";
import { parseSearch, stringifySearch } from "./search";

export const router = createRouter({
  routeTree: root.addChildren([
    ...overviewRoutes,
    ...filesRoutes,
    ...eventsRoutes,
    ...alertsRoutes,
    ...agentsRoutes,
    ...configsRoutes,
    ...rulesRoutes,
    ...auditRoutes,
    ...settingsRoutes,
    ...tasksRoutes,
    ...dlqRoutes,
    ...flowsRoutes,
    ...loginRoutes,
  ]),
  basepath: baseUrl.pathname.replace(/\/$/, "") || "/",
  parseSearch,
  stringifySearch,
  scrollRestoration: false,
  defaultErrorComponent: BrokenPage,
  defaultPendingComponent: PendingPage,
  defaultNotFoundComponent: MissingPage,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
