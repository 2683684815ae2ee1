import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, text, validateList } from "../../app/search";

export type ConfigsTab = "versions" | "rollouts";
export type VersionTab = "document" | "diff" | "history";

const pick = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined => allowed.find((one) => one === value);

export const STATUSES = ["running", "paused", "reverting", "reverted", "completed"] as const;

const list = validateList(["status"], [], { status: STATUSES });

/** The diff against something: `against` is a number, "empty" or "group:ID". */
export interface VersionSearch {
  tab?: VersionTab | undefined;
  against?: string | undefined;
  view?: "fields" | "unified" | "split" | undefined;
}

interface EditSearch {
  base?: number | undefined;
  as?: "form" | "yaml" | undefined;
}

export const configsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/configs",
    component: lazyRouteComponent(() => import("./ConfigsPage"), "ConfigsPage"),
    validateSearch: (search: Record<string, unknown>) => {
      const layer = text(search["layer"]);
      const tab = pick<ConfigsTab>(search["tab"], ["versions", "rollouts"]);
      return { ...list(search), ...dropped(["tab"], search), ...(layer ? { layer } : {}), ...(tab ? { tab } : {}) };
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/configs/$layer/v/$number",
    component: lazyRouteComponent(() => import("./VersionPage"), "VersionPage"),
    validateSearch: (search: Record<string, unknown>): VersionSearch => {
      const tab = pick<VersionTab>(search["tab"], ["document", "diff", "history"]);
      const view = pick(search["view"], ["fields", "unified", "split"] as const);
      const against = text(search["against"]);
      return { ...dropped(["tab", "view"], search), ...(tab ? { tab } : {}), ...(view ? { view } : {}), ...(against ? { against } : {}) };
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/configs/$layer/v/$number/rollout",
    component: lazyRouteComponent(() => import("./launch/LaunchPage"), "LaunchPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/configs/$layer/edit",
    component: lazyRouteComponent(() => import("./editor/EditorPage"), "EditorPage"),
    validateSearch: (search: Record<string, unknown>): EditSearch => {
      const base = Number(text(search["base"]) ?? search["base"]);
      const as = pick(search["as"], ["form", "yaml"] as const);
      return { ...dropped(["base", "as"], search), ...(Number.isSafeInteger(base) && base > 0 ? { base } : {}), ...(as ? { as } : {}) };
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/rollouts/$rollout",
    component: lazyRouteComponent(() => import("./rollout/RolloutPage"), "RolloutPage"),
  }),
] as const;
