import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { client, unwrap } from "./client";
import type { components, operations } from "./schema";

export type EventItem = components["schemas"]["EventView"];
export type Severity = EventItem["severity"];
export type EventFacets = components["schemas"]["EventFacets"];
export type FileEvent = components["schemas"]["FileEventView"];
export type FileEventFacets = components["schemas"]["FileEventFacets"];
type Query<Name extends "list_events" | "list_file_events"> = Omit<NonNullable<operations[Name]["parameters"]["query"]>, "cursor" | "limit">;
export type EventWish = Query<"list_events">;
export type FileEventWish = Query<"list_file_events">;

export const EVENTS_KEY = "events";

/** Wishes as the server takes them: what is empty is not sent. */
const sent = <T extends object>(wish: T): T =>
  Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length))) as T;

/** A page; a cursor keeps the time that the list covers. */
const paged = <T extends { since?: unknown; until?: unknown }>(wish: T, cursor: string | null, limit: number) => {
  const { since, until, ...rest } = sent(wish);
  return { ...rest, ...(cursor === null ? { since, until } : { cursor }), limit } as T & { limit: number };
};

export const fetchEvents = (wish: EventWish, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/events", { params: { query: paged(wish, cursor, limit) }, signal }));

export const fetchFileEventPage = (wish: FileEventWish, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/file-events", { params: { query: paged(wish, cursor, limit) }, signal }));

const common = { placeholderData: keepPreviousData, staleTime: 2_000 } as const;

export const useEventFacets = (wish: EventWish, enabled = true) =>
  useQuery({
    queryKey: [EVENTS_KEY, "facets", wish],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/events/facets", { params: { query: sent(wish) }, signal })),
    refetchInterval: usePolling("list"),
    enabled,
    ...common,
  });

export const useFileEventFacets = (wish: FileEventWish, enabled = true) =>
  useQuery({
    queryKey: [EVENTS_KEY, "files", "facets", wish],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/file-events/facets", { params: { query: sent(wish) }, signal })),
    refetchInterval: usePolling("list"),
    enabled,
    ...common,
  });

/** What happened does not change: each is fetched once. */
export const useEvent = (rowId: string | undefined) =>
  useQuery({
    queryKey: [EVENTS_KEY, "one", rowId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/events/{row_id}", { params: { path: { row_id: rowId ?? "" } }, signal })),
    enabled: rowId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useFileEvent = (rowId: string | undefined) =>
  useQuery({
    queryKey: [EVENTS_KEY, "files", "one", rowId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/file-events/{row_id}", { params: { path: { row_id: rowId ?? "" } }, signal })),
    enabled: rowId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

const LIFE = 100;

/** All that happened to the path of a file event, newest first. */
export const usePathLife = (rowId: string) =>
  useQuery({
    queryKey: [EVENTS_KEY, "files", "life", rowId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/file-events/{row_id}/life", { params: { path: { row_id: rowId }, query: { limit: LIFE } }, signal })),
    staleTime: 5_000,
  });
