import { createRoute } from "@tanstack/react-router";
import { root } from "../../app/root";
import { OverviewPage } from "./OverviewPage";
import { validate } from "./search";

export const overviewRoutes = [
  createRoute({ getParentRoute: () => root, path: "/", component: OverviewPage, validateSearch: validate }),
] as const;
