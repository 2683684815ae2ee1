import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { Permission } from "./account";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** Alerts of the centre: what fires, since when, who was told and why. */

export type Severity = "debug" | "info" | "notice" | "warning" | "error" | "critical";
export type AlertStatus = "firing" | "acknowledged" | "resolved";
export type Stage = "rule" | "dedup" | "group" | "inhibit" | "silence" | "notify" | "escalate" | "person" | "resolve";
export type StepValue = string | number | null;
export type Outcome = "trouble" | "counted" | "over" | "came" | "not_matched" | "off";

export interface AlertItem {
  alert_id: string;
  number: number;
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
  updated_at: string;
  revision: number;
}

export interface AlertStep {
  at: string;
  stage: Stage;
  outcome: string;
  values: Record<string, StepValue>;
}

export interface AlertNotice {
  notice_id: string;
  kind: "firing" | "resolved" | "repeat" | "escalation";
  at: string;
  level: number;
  receivers: string[];
  severity: Severity;
  new: number;
  ended: number;
  others: number;
  state: string;
  updated_at: string;
}

export interface AlertEvent {
  row_id: string;
  is_file: boolean;
  at: string;
  outcome: Outcome;
}

export interface AlertDetail extends AlertItem {
  steps: AlertStep[];
  group_alerts: AlertItem[];
  notices: AlertNotice[];
  next: { at: string; level: number; receivers: string[] } | null;
  events: AlertEvent[];
}

export interface Trace {
  pointer: string;
  kind: string;
  ok: boolean;
  field: string;
  seen: unknown;
  children: Trace[];
}

export interface RuleVerdict {
  rule_id: string;
  rule_version: number;
  rule_name: string;
  outcome: Outcome;
  counted: number | null;
  needed: number | null;
  within_s: number | null;
  alert_id: string | null;
  same: boolean | null;
  when: Trace;
  clear: Trace | null;
}

export interface Explanation {
  alert: AlertItem;
  steps: AlertStep[];
  rule: Record<string, unknown> | null;
  first_event: RuleVerdict | null;
  same: boolean;
  telling: string;
}

export interface EventWhy {
  row_id: string;
  is_file: boolean;
  seen_at: string | null;
  verdict: "alerted" | "counted" | "cleared" | "no_rule" | "pending";
  rules: RuleVerdict[];
  alerts: AlertItem[];
}

export interface AlertFacets {
  status: Record<string, number>;
  severity: Record<string, number>;
  rule: Record<string, number>;
  owner: Record<string, number>;
}

export interface AlertPage {
  items: AlertItem[];
  next_cursor: string | null;
  total: number | null;
  facets: AlertFacets | null;
}

export interface AlertOutcome {
  act: AlertAct;
  done: string[];
  too_late: string[];
  pending: string[];
}

/** What narrows the list. */
export interface AlertWish {
  status?: string[];
  severity?: string[];
  rule?: string[];
  label?: string[];
  owner?: string[];
  held?: boolean;
  text?: string;
}

/** Who may see alerts, who may do something about them, and who decides what becomes one and who is told. */
export const SEE: Permission = "alerts:read";
export const HANDLE: Permission = "alerts:act";
export const WRITE: Permission = "alerts:write";

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

export const useExplanation = (alertId: string) =>
  useQuery({
    queryKey: [ALERTS_KEY, "explain", alertId],
    queryFn: ({ signal }) => ask<Explanation>("GET", "/api/v1/alerts/{alert_id}/explain", { path: { alert_id: alertId }, signal }),
    refetchInterval: usePolling("list"),
  });

/** Why an event alerted people, or nobody. */
export const useEventWhy = (rowId: string, enabled: boolean) =>
  useQuery({
    queryKey: [ALERTS_KEY, "why", rowId],
    queryFn: ({ signal }) => ask<EventWhy>("GET", "/api/v1/events/{row_id}/why", { path: { row_id: rowId }, signal }),
    staleTime: 5_000,
    enabled,
  });

export type AlertAct = "acknowledge" | "release" | "resolve";

export const actOn = (alertId: string, act: AlertAct, order: Order): Promise<AlertOutcome> =>
  ask<AlertOutcome>("POST", `/api/v1/alerts/{alert_id}:${act}`, { path: { alert_id: alertId }, body: { reason: order.reason }, header: orderHeaders(order) });

export const acknowledgeMany = (ids: readonly string[], order: Order): Promise<AlertOutcome> =>
  ask<AlertOutcome>("POST", "/api/v1/alerts:acknowledge", { body: { alert_ids: ids, reason: order.reason }, header: orderHeaders(order) });

/** Has everything about alerts asked for again. */
export function useRenewAlerts(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [ALERTS_KEY] });
}
