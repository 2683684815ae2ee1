import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, oneOf, text, validateList } from "../../app/search";

export const RUN_FILTERS = ["waits", "state", "flow", "age", "rule"] as const;
export const RUN_STATES = ["running", "paused", "failed", "stuck", "cancelling", "compensating", "succeeded", "cancelled", "compensated"] as const;
export const RUN_AGES = ["1h", "24h", "7d"] as const;
export const RUN_VIEWS = ["time", "graph", "story", "content"] as const;
export type RunView = (typeof RUN_VIEWS)[number];
export const FLOW_TABS = ["graph", "versions", "document"] as const;
export type FlowTab = (typeof FLOW_TABS)[number];

const list = validateList(RUN_FILTERS, [], { state: RUN_STATES, age: RUN_AGES, waits: ["yes"] });

/** What the address says about the open run. */
const opened = (search: Record<string, unknown>): { show?: RunView | undefined; step?: string | undefined; attempt?: string | undefined } => {
  const [show, step, attempt] = [oneOf(search["show"], RUN_VIEWS), text(search["step"], 60), text(search["attempt"], 60)];
  return { ...dropped(["show", "step", "attempt"], search), ...(show ? { show } : {}), ...(step ? { step } : {}), ...(attempt ? { attempt } : {}) };
};

const shown = (search: Record<string, unknown>): { tab?: FlowTab | undefined; step?: string | undefined; version?: string | undefined } => {
  const [tab, step, version] = [oneOf(search["tab"], FLOW_TABS), text(search["step"], 60), text(search["version"], 12)];
  return { ...dropped(["tab", "step", "version"], search), ...(tab ? { tab } : {}), ...(step ? { step } : {}), ...(version ? { version } : {}) };
};

export const flowsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/runs",
    component: lazyRouteComponent(() => import("./RunsPage"), "RunsPage"),
    validateSearch: (search: Record<string, unknown>) => ({ ...list(search), ...opened(search) }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs/$runId",
    component: lazyRouteComponent(() => import("./RunPage"), "RunPage"),
    validateSearch: opened,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/flows",
    component: lazyRouteComponent(() => import("./FlowsPage"), "FlowsPage"),
    validateSearch: validateList([] as const),
  }),
  createRoute({ getParentRoute: () => root, path: "/flows/new", component: lazyRouteComponent(() => import("./edit/EditPage"), "NewFlowPage") }),
  createRoute({ getParentRoute: () => root, path: "/flows/$flowId/edit", component: lazyRouteComponent(() => import("./edit/EditPage"), "EditFlowPage") }),
  createRoute({
    getParentRoute: () => root,
    path: "/flows/$flowId",
    component: lazyRouteComponent(() => import("./flow/FlowPage"), "FlowPage"),
    validateSearch: shown,
  }),
] as const;
