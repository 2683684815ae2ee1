import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { AlertStatus, Severity } from "./alerts";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** Times in which some alerts are told to nobody, now or planned. */

export type SilenceState = "planned" | "active" | "over";

export interface Silence {
  silence_id: string;
  state: SilenceState;
  selector: string;
  begins_at: string;
  ends_at: string;
  reason: string;
  author: string;
  created_at: string;
  expired_at: string | null;
  /** Alerts that it holds back now. */
  holds: number;
  revision: number;
}

export interface SilencePage {
  items: Silence[];
  total: number;
}

export interface SilenceWish {
  selector: string;
  /** None = now. */
  begins_at?: string;
  ends_at: string;
}

export interface SilencedAlert {
  alert_id: string;
  rule_id: string;
  rule_name: string;
  title: string;
  severity: Severity;
  status: AlertStatus;
  labels: Record<string, string>;
  started_at: string;
  held_by: string;
}

export interface SilencePreview {
  selector: string;
  /** Open alerts that it covers, the worst first. */
  alerts: SilencedAlert[];
  covered: number;
  newly_held: number;
  open: number;
  severities: Record<string, number>;
  /** Alerts of the last 7 days that it would have covered, by rule. */
  recent: Record<string, number>;
  recent_all: number;
}

export const SILENCES_KEY = "silences";

export const fetchSilences = (state: readonly string[], signal: AbortSignal): Promise<SilencePage> => ask<SilencePage>("GET", "/api/v1/silences", { query: { state }, signal });

export const useSilences = (state: readonly SilenceState[]) =>
  useQuery({
    queryKey: [SILENCES_KEY, "some", state],
    queryFn: ({ signal }) => fetchSilences(state, signal),
    refetchInterval: usePolling("list"),
  });

export const previewSilence = (selector: string, signal: AbortSignal): Promise<SilencePreview> => ask<SilencePreview>("POST", "/api/v1/silences:preview", { body: { selector }, signal });

export const makeSilence = (wish: SilenceWish, order: Order): Promise<Silence> =>
  ask<Silence>("POST", "/api/v1/silences", { body: { ...wish, reason: order.reason }, header: orderHeaders(order) });

export const endSilence = (silenceId: string, order: Order): Promise<Silence> =>
  ask<Silence>("POST", "/api/v1/silences/{silence_id}:expire", { path: { silence_id: silenceId }, body: { reason: order.reason }, header: orderHeaders(order) });

/** Has silences, and the alerts that they hold back, asked for again. */
export function useRenewSilences(): () => void {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: [SILENCES_KEY] });
    void queries.invalidateQueries({ queryKey: ["alerts"] });
  };
}
