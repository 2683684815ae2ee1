import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { isOwnPlace } from "../../app/places";
import { text } from "../../app/search";

/** Where the reader wanted to go before they were asked who they are. */
interface LoginSearch {
  next?: string | undefined;
}

export const loginRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/login",
    component: lazyRouteComponent(() => import("./LoginPage"), "LoginPage"),
    validateSearch: (search: Record<string, unknown>): LoginSearch => {
      const next = text(search["next"], 2_000);
      return { next: next && isOwnPlace(next) ? next : undefined };
    },
  }),
] as const;
