import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { baseUrl } from "../api/client";
import { OverviewPage } from "../pages/overview/OverviewPage";
import { Frame } from "./Frame";
import { parseSearch, stringifySearch, validate } from "./search";

const root = createRootRoute({ component: Frame, validateSearch: validate, notFoundComponent: OverviewPage });
const overview = createRoute({ getParentRoute: () => root, path: "/", component: OverviewPage });

export const router = createRouter({
  routeTree: root.addChildren([overview]),
  basepath: baseUrl.pathname.replace(/\/$/, "") || "/",
  parseSearch,
  stringifySearch,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
