import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, oneOf, text, validateList } from "../../app/search";

export const ALERT_FILTERS = ["status", "severity", "rule", "label", "held", "owner", "telling", "began", "together"] as const;
export const TELLINGS = ["told", "held", "noted"] as const;
/** How far back the picture of the list goes. */
export const SPANS = ["24h", "7d", "30d"] as const;
/** What alerts are summed up by, in place of a list. */
export const SUMMED = ["rule", "group", "fingerprint"] as const;
export const STATUSES = ["firing", "acknowledged", "resolved"] as const;
export const MESSAGE_FILTERS = ["state", "channel"] as const;
export const MESSAGE_STATES = ["waiting", "sending", "sent", "moved", "failed"] as const;
export const SILENCE_FILTERS = ["state"] as const;
export const SILENCE_STATES = ["active", "planned", "over"] as const;
export const ALERT_RULE_FILTERS = ["state", "severity"] as const;
export const DOC_STATES = ["published", "disabled", "draft", "retired"] as const;
export const DOC_TABS = ["definition", "dryrun", "tests", "versions"] as const;
export type DocTab = (typeof DOC_TABS)[number];
export const SEVERITIES = ["critical", "error", "warning", "notice", "info", "debug"] as const;

const alertList = validateList(ALERT_FILTERS, [], { status: STATUSES, severity: SEVERITIES, held: ["yes", "no"], telling: TELLINGS });

function alerts(search: Record<string, unknown>): ReturnType<typeof alertList> & { over?: (typeof SPANS)[number] | undefined; by?: (typeof SUMMED)[number] | undefined } {
  const [over, by] = [oneOf(search["over"], SPANS), oneOf(search["by"], SUMMED)];
  return { ...alertList(search), ...dropped(["over", "by"], search), ...(over ? { over } : {}), ...(by ? { by } : {}) };
}

const silenceList = validateList(SILENCE_FILTERS, [], { state: SILENCE_STATES });

/** A dialog for a new silence stands in the address with what it begins with. */
function silences(search: Record<string, unknown>): ReturnType<typeof silenceList> & { make?: string | undefined } {
  const make = text(search["make"], 2_000);
  return { ...silenceList(search), ...dropped(["make"], search), ...(make ? { make } : {}) };
}

function tabbed(search: Record<string, unknown>): { tab?: DocTab | undefined } {
  const tab = oneOf(search["tab"], DOC_TABS);
  return { ...dropped(["tab"], search), ...(tab ? { tab } : {}) };
}

function shape(search: Record<string, unknown>): { as?: "form" | "yaml" | undefined } {
  const as = oneOf(search["as"], ["form", "yaml"] as const);
  return { ...dropped(["as"], search), ...(as ? { as } : {}) };
}

export const alertsRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/alerts",
    component: lazyRouteComponent(() => import("./list/AlertsPage"), "AlertsPage"),
    validateSearch: alerts,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/silences",
    component: lazyRouteComponent(() => import("./silences/SilencesPage"), "SilencesPage"),
    validateSearch: silences,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/channels",
    component: lazyRouteComponent(() => import("./channels/ChannelsPage"), "ChannelsPage"),
    validateSearch: validateList(MESSAGE_FILTERS, [], { state: MESSAGE_STATES }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/oncall",
    component: lazyRouteComponent(() => import("./oncall/OnCallPage"), "OnCallPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/inputs",
    component: lazyRouteComponent(() => import("./inputs/InputsPage"), "InputsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/rules",
    component: lazyRouteComponent(() => import("./rules/RulesPage"), "AlertRulesPage"),
    validateSearch: validateList(ALERT_RULE_FILTERS, [], { state: DOC_STATES, severity: SEVERITIES }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/rules/new",
    component: lazyRouteComponent(() => import("./rules/EditPage"), "NewAlertRulePage"),
    validateSearch: shape,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/rules/$rule",
    component: lazyRouteComponent(() => import("./rules/RulePage"), "AlertRulePage"),
    validateSearch: tabbed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/rules/$rule/edit",
    component: lazyRouteComponent(() => import("./rules/EditPage"), "EditAlertRulePage"),
    validateSearch: shape,
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/alerts/$alert",
    component: lazyRouteComponent(() => import("./one/AlertPage"), "AlertPage"),
  }),
] as const;
