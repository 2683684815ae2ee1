import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { orderHeaders } from "./effect";
import type { components } from "./schema";

/** Times in which some alerts are told to nobody, now or planned. */

type Schemas = components["schemas"];
export type Silence = Schemas["SilenceView"];
export type SilencePage = Schemas["SilencePage"];
export type SilencePreview = Schemas["SilencePreview"];
export type SilenceState = Silence["state"];
export type SilenceWish = Omit<Schemas["SilenceWish"], "reason">;

export const SILENCES_KEY = "silences";

export const fetchSilences = (state: readonly SilenceState[], signal: AbortSignal): Promise<SilencePage> => unwrap(client.GET("/api/v1/silences", { params: { query: { state: [...state] } }, signal }));

export const useSilences = (state: readonly SilenceState[]) =>
  useQuery({
    queryKey: [SILENCES_KEY, "some", state],
    queryFn: ({ signal }) => fetchSilences(state, signal),
    refetchInterval: usePolling("list"),
  });

export const previewSilence = (selector: string, signal: AbortSignal): Promise<SilencePreview> => unwrap(client.POST("/api/v1/silences:preview", { body: { selector }, signal }));

export const makeSilence = (wish: SilenceWish, order: Order): Promise<Silence> =>
  unwrap(client.POST("/api/v1/silences", { params: { header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));

export const endSilence = (silenceId: string, order: Order): Promise<Silence> =>
  unwrap(client.POST("/api/v1/silences/{silence_id}:expire", { params: { path: { silence_id: silenceId }, header: orderHeaders(order) }, body: { reason: order.reason } }));

/** Has silences, and the alerts that they hold back, asked for again. */
export function useRenewSilences(): () => void {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: [SILENCES_KEY] });
    void queries.invalidateQueries({ queryKey: ["alerts"] });
  };
}
