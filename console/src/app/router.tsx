import { createRouter } from "@tanstack/react-router";
import { baseUrl } from "../api/client";
import { overviewRoutes } from "../pages/overview/routes";
import { root } from "./root";
import { parseSearch, stringifySearch } from "./search";

export const router = createRouter({
  routeTree: root.addChildren([...overviewRoutes]),
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
