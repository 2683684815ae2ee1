import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** Alerts of the centre: what fires, since when, who was told and why. */

export type Severity = "debug" | "info" | "notice" | "warning" | "error" | "critical";
export type AlertStatus = "firing" | "acknowledged" | "resolved";
export type StepValue = string | number | boolean | null;

export interface AlertItem {
  alert_id: string;
  rule_id: string;
  rule_version: number;
  rule_name: string;
  status: AlertStatus;
  severity: Severity;
  title: string;
  labels: Record<string, string>;
  group: string;
  started_at: string;
  seen_at: string;
  ended_at: string | null;
  count: number;
  told_severity: Severity | null;
  owner: string;
  held_by: string;
  revision: number;
}

export interface AlertStep {
  at: string;
  stage: string;
  outcome: string;
  values: Record<string, StepValue>;
}

export interface NoticeMessage {
  message_id: string;
  channel: string;
  receiver: string;
  state: string;
  attempts: number;
  sent_at: string | null;
  error: string;
}

export interface AlertNotice {
  notice_id: string;
  kind: "firing" | "resolved" | "repeat" | "escalation";
  at: string;
  level: number;
  receivers: string[];
  state: string;
  messages: NoticeMessage[];
}

export interface AlertDetail extends AlertItem {
  steps: AlertStep[];
  group_alerts: AlertItem[];
  notices: AlertNotice[];
  next: { at: string; level: number; receivers: string[] } | null;
  events: string[];
}

export interface ExplainStage {
  stage: string;
  outcome: string;
  at: string | null;
  values: Record<string, StepValue>;
  value: StepValue;
  threshold: StepValue;
  rule_version: number | null;
}

export interface Explain {
  alert_id: string;
  stages: ExplainStage[];
  same: boolean | null;
}

export interface AlertFacets {
  status: Record<string, number>;
  severity: Record<string, number>;
  rule: Record<string, number>;
}

export interface AlertPage {
  items: AlertItem[];
  next_cursor: string | null;
  total: number | null;
  facets: AlertFacets | null;
}

/** What narrows the list. */
export interface AlertWish {
  status?: string[];
  severity?: string[];
  rule?: string[];
  label?: string[];
  held?: boolean;
  text?: string;
  since?: string;
  until?: string;
}

export const ALERTS_KEY = "alerts";
const AT_ONCE = 60;

const page = (query: object, signal: AbortSignal): Promise<AlertPage> => ask<AlertPage>("GET", "/api/v1/alerts", { query, signal });

export const fetchAlerts = (wish: AlertWish, cursor: string | null, signal: AbortSignal): Promise<AlertPage> =>
  page({ ...wish, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) }, signal);

export const useAlertFacets = (wish: AlertWish, enabled = true) =>
  useQuery({
    queryKey: [ALERTS_KEY, "facets", wish],
    queryFn: ({ signal }) => page({ ...wish, limit: 1, facets: true }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
    enabled,
  });

export const useAlert = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "one", alertId],
    queryFn: ({ signal }) => ask<AlertDetail>("GET", "/api/v1/alerts/{alert_id}", { path: { alert_id: alertId }, signal }),
    refetchInterval: usePolling("detail"),
  });

export const useExplain = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "explain", alertId],
    queryFn: ({ signal }) => ask<Explain>("GET", "/api/v1/alerts/{alert_id}/explain", { path: { alert_id: alertId }, signal }),
    staleTime: 10_000,
  });

export type AlertAct = "acknowledge" | "release" | "resolve";

export const actOn = (alertId: string, act: AlertAct, order: Order): Promise<AlertItem> =>
  ask<AlertItem>("POST", `/api/v1/alerts/{alert_id}:${act}`, { path: { alert_id: alertId }, body: { reason: order.reason }, header: orderHeaders(order) });

export const acknowledgeMany = (ids: readonly string[], order: Order): Promise<{ items: AlertItem[] }> =>
  ask<{ items: AlertItem[] }>("POST", "/api/v1/alerts:acknowledge", { body: { ids, reason: order.reason }, header: orderHeaders(order) });

/** Has everything about alerts asked for again. */
export function useRenewAlerts(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [ALERTS_KEY] });
}
