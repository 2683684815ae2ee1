import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, text, validateList } from "../../app/search";

export const DLQ_FILTERS = ["state", "kind", "error_class", "cause", "place", "agent", "poison", "run"] as const;
export const LETTER_STATES = ["open", "queued", "replaying", "resolved", "dropped"] as const;
export const LETTER_KINDS = ["upload", "task", "step", "event", "decision", "notification"] as const;

/** What the address of a file's life says. */
const life = (search: Record<string, unknown>): { agent?: string | undefined; path?: string | undefined; event?: string | undefined; version?: number | undefined } => {
  const [agent, path, event, version] = [text(search["agent"], 200), text(search["path"], 8_192), text(search["event"], 20), Number(search["version"])];
  return {
    ...dropped(["agent", "path", "event", "version"], search),
    ...(event && /^[0-9]+$/.test(event) ? { event } : {}),
    ...(agent ? { agent } : {}),
    ...(path ? { path } : {}),
    ...(search["version"] !== undefined && Number.isSafeInteger(version) && version >= 0 ? { version } : {}),
  };
};

export const dlqRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/dlq",
    component: lazyRouteComponent(() => import("./DlqPage"), "DlqPage"),
    validateSearch: validateList(DLQ_FILTERS, [], { state: LETTER_STATES, kind: LETTER_KINDS }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/files/trace",
    component: lazyRouteComponent(() => import("./trace/TracePage"), "TracePage"),
    validateSearch: life,
  }),
] as const;
