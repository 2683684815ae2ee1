import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, oneOf, text, validateList } from "../../app/search";

export const TASK_FILTERS = ["state", "type", "executor", "priority", "error_class", "age", "agent", "rule", "run"] as const;
export const STATES = [
  "pending", "leased", "running", "waiting", "succeeded", "failed", "timed_out", "dead", "cancelling", "cancelled", "compensating", "compensated",
] as const;
export const EXECUTORS = ["agent", "worker", "person", "any"] as const;
export const PRIORITIES = ["high", "normal", "low"] as const;
export const AGES = ["1h", "24h", "7d"] as const;
export const TASK_TABS = ["attempts", "story", "content"] as const;
export type TaskTab = (typeof TASK_TABS)[number];

const list = validateList(TASK_FILTERS, [], { state: STATES, executor: EXECUTORS, priority: PRIORITIES, age: AGES });

/** What the address says about the open task. */
const opened = (search: Record<string, unknown>): { tab?: TaskTab | undefined; attempt?: string | undefined } => {
  const [tab, attempt] = [oneOf(search["tab"], TASK_TABS), text(search["attempt"], 40)];
  return { ...dropped(["tab", "attempt"], search), ...(tab ? { tab } : {}), ...(attempt ? { attempt } : {}) };
};

export const tasksRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/tasks",
    component: lazyRouteComponent(() => import("./TasksPage"), "TasksPage"),
    validateSearch: (search: Record<string, unknown>) => ({ ...list(search), ...opened(search) }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/tasks/new",
    component: lazyRouteComponent(() => import("./make/NewTaskPage"), "NewTaskPage"),
    validateSearch: (search: Record<string, unknown>): { type?: string | undefined } => {
      const type = text(search["type"]);
      return { ...dropped(["type"], search), ...(type ? { type } : {}) };
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/tasks/$taskId",
    component: lazyRouteComponent(() => import("./TaskPage"), "TaskPage"),
    validateSearch: opened,
  }),
] as const;
