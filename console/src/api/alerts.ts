import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { Permission } from "./account";
import { client, unwrap } from "./client";
import { orderHeaders } from "./effect";
import type { components, operations } from "./schema";

/** Alerts of the centre: what fires, since when, who was told and why. */

type Schemas = components["schemas"];
export type AlertItem = Schemas["AlertItem"];
export type ListedAlert = Schemas["ListedAlert"];
export type AlertHistogram = Schemas["AlertHistogram"];
export type AlertSum = Schemas["AlertSumView"];
export type AlertTelling = "told" | "held" | "noted";
export type AlertDetail = Schemas["AlertDetail"];
export type AlertStep = Schemas["AlertStep"];
export type AlertNotice = Schemas["NoticeItem"];
export type AlertEvent = Schemas["AlertEvent"];
export type Explanation = Schemas["AlertExplanation"];
export type EventWhy = Schemas["EventWhy"];
export type RuleVerdict = Schemas["RuleVerdict"];
export type AlertPage = Schemas["AlertPage"];
export type AlertSignal = Schemas["AlertSignal"];
export type AlertEvidence = Schemas["AlertEvidence"];
export type AlertNote = Schemas["AlertNoteView"];
export type AlertOutcome = Schemas["AlertOrderOutcome"];
export type Severity = AlertItem["severity"];
export type AlertStatus = AlertItem["status"];
export type StepValue = AlertStep["values"][string];

type ListQuery = NonNullable<operations["list_alerts"]["parameters"]["query"]>;
/** What narrows the list. */
export type AlertWish = Omit<ListQuery, "facets" | "days" | "cursor" | "limit">;

/** Who may see alerts, who may do something about them, and who decides what becomes one and who is told. */
export const SEE: Permission = "alerts:read";
export const HANDLE: Permission = "alerts:act";
export const WRITE: Permission = "alerts:write";

/** What nobody has taken and nothing holds back. */
export const UNTAKEN: AlertWish = { status: ["firing"], held: false };

export const ALERTS_KEY = "alerts";
const AT_ONCE = 60;

const page = (query: ListQuery, signal: AbortSignal): Promise<AlertPage> => unwrap(client.GET("/api/v1/alerts", { params: { query }, signal }));

export const fetchAlerts = (wish: AlertWish, cursor: string | null, signal: AbortSignal): Promise<AlertPage> =>
  page({ ...wish, limit: AT_ONCE, days: true, ...(cursor === null ? {} : { cursor }) }, signal);

const one = (alertId: string): { path: { alert_id: string } } => ({ path: { alert_id: alertId } });

export const useAlertFacets = (wish: AlertWish, enabled = true) =>
  useQuery({
    queryKey: [ALERTS_KEY, "facets", wish],
    queryFn: ({ signal }) => page({ ...wish, limit: 1, facets: true }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
    enabled,
  });

/** How many there are, without a look at what they are. */
export const useAlertCount = (wish: AlertWish) =>
  useQuery({
    queryKey: [ALERTS_KEY, "count", wish],
    queryFn: async ({ signal }) => (await page({ ...wish, limit: 1 }, signal)).total ?? 0,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

/** How many began over a time that ends now, by what became of telling people. */
export const useAlertHistogram = (wish: AlertWish, from: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "histogram", wish, from],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/histogram", { params: { query: { ...wish, from, to: "now" } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

export const useAlertSums = (wish: AlertWish, by: "rule" | "group" | "fingerprint") =>
  useQuery({
    queryKey: [ALERTS_KEY, "sums", wish, by],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/sums", { params: { query: { ...wish, by } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

export const useAlert = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "one", alertId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/{alert_id}", { params: one(alertId), signal })),
    refetchInterval: usePolling("detail"),
  });

export const useExplanation = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "explain", alertId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/{alert_id}/explain", { params: one(alertId), signal })),
    refetchInterval: usePolling("list"),
  });

/** What the rule counts, over the time around the alert. */
export const useAlertSignal = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "signal", alertId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/{alert_id}/signal", { params: one(alertId), signal })),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

/** What its events have in common, and whom they concern. */
export const useAlertEvidence = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "evidence", alertId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/alerts/{alert_id}/evidence", { params: one(alertId), signal })),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

export const addNote = (alertId: string, text: string, order: Order): Promise<AlertNote> =>
  unwrap(client.POST("/api/v1/alerts/{alert_id}/notes", { params: { ...one(alertId), header: orderHeaders(order) }, body: { text } }));

/** Why an event alerted people, or nobody. */
export const useEventWhy = (rowId: string, isFile: boolean) =>
  useQuery({
    queryKey: [ALERTS_KEY, "why", isFile, rowId],
    queryFn: ({ signal }) => {
      const params = { path: { row_id: rowId } };
      return unwrap(isFile ? client.GET("/api/v1/file-events/{row_id}/why", { params, signal }) : client.GET("/api/v1/events/{row_id}/why", { params, signal }));
    },
    staleTime: 5_000,
  });

export type AlertAct = AlertOutcome["act"];

export function actOn(alertId: string, act: AlertAct, order: Order): Promise<AlertOutcome> {
  const told = { params: { ...one(alertId), header: orderHeaders(order) }, body: { reason: order.reason } };
  switch (act) {
    case "acknowledge":
      return unwrap(client.POST("/api/v1/alerts/{alert_id}:acknowledge", told));
    case "release":
      return unwrap(client.POST("/api/v1/alerts/{alert_id}:release", told));
    case "resolve":
      return unwrap(client.POST("/api/v1/alerts/{alert_id}:resolve", told));
    case "claim":
      return unwrap(client.POST("/api/v1/alerts/{alert_id}:claim", told));
    case "escalate":
      return unwrap(client.POST("/api/v1/alerts/{alert_id}:escalate", told));
  }
}

export const acknowledgeMany = (ids: readonly string[], order: Order): Promise<AlertOutcome> =>
  unwrap(client.POST("/api/v1/alerts:acknowledge", { params: { header: orderHeaders(order) }, body: { alert_ids: [...ids], reason: order.reason } }));

export const resolveMany = (ids: readonly string[], order: Order): Promise<AlertOutcome> =>
  unwrap(client.POST("/api/v1/alerts:resolve", { params: { header: orderHeaders(order) }, body: { alert_ids: [...ids], reason: order.reason } }));

/** Has everything about alerts asked for again. */
export function useRenewAlerts(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [ALERTS_KEY] });
}
