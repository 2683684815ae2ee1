import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { type Doc, DOCS_KEY } from "./alertdocs";
import type { Document } from "./configs";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** Who is on call when, and whom chains tell now. */

export interface Shift {
  begins_at: string;
  ends_at: string;
  person: string | null;
  turn: string | null;
  by_override: boolean;
}

export interface OnCall {
  schedule_id: string;
  name: string;
  zone: string;
  now: { name: string; channel: string; mobile: string; email: string } | null;
  shift: Shift | null;
  shifts: Shift[];
}

export interface OnCallPage {
  items: OnCall[];
  since: string;
  until: string;
}

export interface ChainReceivers {
  at: string;
  within_hours: boolean;
  levels: { level: number; after_s: number; receivers: string[]; recipients: { channel: string; person: string | null; of: string }[] }[];
}

export const DAYS_AHEAD = 14;

export const useOnCall = () =>
  useQuery({
    queryKey: [DOCS_KEY, "schedule", "on-call"],
    queryFn: ({ signal }) => ask<OnCallPage>("GET", "/api/v1/schedules:on-call", { query: { days: DAYS_AHEAD }, signal }),
    refetchInterval: usePolling("list"),
  });

export const useChainReceivers = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: [DOCS_KEY, "chain", "receivers", id],
    queryFn: ({ signal }) => ask<ChainReceivers>("GET", "/api/v1/chains/{doc_id}/receivers", { path: { doc_id: id }, signal }),
    refetchInterval: usePolling("list"),
    enabled,
  });

/** Who would be on call by a schedule as it is being written. */
export const previewShifts = (document: Document, signal: AbortSignal): Promise<{ shifts: Shift[]; since: string; until: string }> =>
  ask("POST", "/api/v1/schedules:preview", { body: { document, days: DAYS_AHEAD }, signal });

export interface OverrideWish {
  person: string;
  begins_at: string;
  ends_at: string;
}

export const takeOver = (scheduleId: string, wish: OverrideWish, order: Order): Promise<Doc> =>
  ask<Doc>("POST", "/api/v1/schedules/{doc_id}:override", { path: { doc_id: scheduleId }, body: { ...wish, reason: order.reason }, header: orderHeaders(order) });

export const endOverride = (scheduleId: string, wish: { place: number; person: string }, order: Order): Promise<Doc> =>
  ask<Doc>("POST", "/api/v1/schedules/{doc_id}:end-override", { path: { doc_id: scheduleId }, body: { ...wish, reason: order.reason }, header: orderHeaders(order) });
