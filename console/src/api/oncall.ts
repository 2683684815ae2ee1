import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { type Doc, DOCS_KEY } from "./alertdocs";
import { client, unwrap } from "./client";
import type { Document } from "./configs";
import { orderHeaders } from "./effect";
import type { components } from "./schema";

/** Who is on call when, and whom chains tell now. */

type Schemas = components["schemas"];
export type Shift = Schemas["OnCallShift"];
export type OnCall = Schemas["OnCallView"];
export type ChainReceivers = Schemas["ChainReceivers"];
export type OverrideWish = Omit<Schemas["OverrideWish"], "reason">;

export const DAYS_AHEAD = 14;

export const useOnCall = () =>
  useQuery({
    queryKey: [DOCS_KEY, "schedule", "on-call"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/schedules:on-call", { params: { query: { days: DAYS_AHEAD } }, signal })),
    refetchInterval: usePolling("list"),
  });

export const useChainReceivers = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: [DOCS_KEY, "chain", "receivers", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/chains/{doc_id}/receivers", { params: { path: { doc_id: id } }, signal })),
    refetchInterval: usePolling("list"),
    enabled,
  });

/** Who would be on call by a schedule as it is being written. */
export const previewShifts = (document: Document, signal: AbortSignal): Promise<Schemas["ShiftsView"]> =>
  unwrap(client.POST("/api/v1/schedules:preview", { body: { document, days: DAYS_AHEAD }, signal }));

export const takeOver = (scheduleId: string, wish: OverrideWish, order: Order): Promise<Doc> =>
  unwrap(client.POST("/api/v1/schedules/{doc_id}:override", { params: { path: { doc_id: scheduleId }, header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));

export const endOverride = (scheduleId: string, wish: { place: number; person: string }, order: Order): Promise<Doc> =>
  unwrap(client.POST("/api/v1/schedules/{doc_id}:end-override", { params: { path: { doc_id: scheduleId }, header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));
