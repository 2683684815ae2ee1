import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { AlertItem } from "./alerts";
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
  next_cursor: string | null;
}

export interface SilenceWish {
  selector: string;
  begins_at: string;
  ends_at: string;
}

export interface SilencePreview {
  /** Open alerts that it would hold back. */
  count: number;
  alerts: AlertItem[];
}

export const SILENCES_KEY = "silences";

export const fetchSilences = (state: readonly string[], cursor: string | null, signal: AbortSignal): Promise<SilencePage> =>
  ask<SilencePage>("GET", "/api/v1/silences", { query: { state, limit: 60, ...(cursor === null ? {} : { cursor }) }, signal });

export const useSilences = (state: readonly SilenceState[]) =>
  useQuery({
    queryKey: [SILENCES_KEY, "some", state],
    queryFn: ({ signal }) => fetchSilences(state, null, signal),
    refetchInterval: usePolling("list"),
  });

export const previewSilence = (wish: SilenceWish, signal: AbortSignal): Promise<SilencePreview> => ask<SilencePreview>("POST", "/api/v1/silences:preview", { body: wish, signal });

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
