import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { baseUrl, client, unwrap } from "./client";
import type { components } from "./schema";

/** The record of changes. */

type Schemas = components["schemas"];
export type Entry = Schemas["AuditView"];
export type Summary = Schemas["AuditSummary"];
export type Check = Schemas["AuditCheck"];

export type After = Schemas["AftermathView"];

export interface AuditWish {
  actor_kind: readonly string[];
  action: readonly string[];
  resource_kind: readonly string[];
  actor?: string | undefined;
  resource?: string | undefined;
  field?: string | undefined;
  changed?: boolean;
  value?: string | undefined;
  address?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  q?: string | undefined;
}

export const AUDIT_KEY = "audit";

/** The filters as the server takes them; what is empty is left out. */
export function queryOf({ actor_kind, action, resource_kind, ...rest }: AuditWish) {
  const single = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== "" && value !== false));
  return { actor_kind: [...actor_kind], action: [...action], resource_kind: [...resource_kind], ...single } as {
    actor_kind: string[];
    action: string[];
    resource_kind: string[];
  };
}

export const fetchEntries = (wish: AuditWish, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/audit", { params: { query: { ...queryOf(wish), limit, ...(cursor === null ? {} : { cursor }) } }, signal }));

export const useEntry = (seq: number | undefined) =>
  useQuery({
    queryKey: [AUDIT_KEY, "one", seq],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/audit/{seq}", { params: { path: { seq: seq ?? 0 } }, signal })),
    enabled: seq !== undefined,
    staleTime: Infinity, // entries never change
  });

export const useSummary = (wish: AuditWish, offsetMin: number) =>
  useQuery({
    queryKey: [AUDIT_KEY, "summary", wish, offsetMin],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/audit:summary", { params: { query: { ...queryOf(wish), utc_offset_min: offsetMin } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("report"),
  });

/** What a filter's values are of, as the server calls it. */
export type AuditFacet = "actor" | "action" | "resource_kind" | "address";

/** Values of a filter that hold a text. */
export const findValues = (of: AuditFacet, find: string, wish: AuditWish, signal: AbortSignal): Promise<Schemas["AuditCount"][]> =>
  unwrap(client.GET("/api/v1/audit:values", { params: { query: { ...queryOf(wish), of, find } }, signal })).then(({ items }) => items);

export const useAftermath = (seq: number) =>
  useQuery({
    queryKey: [AUDIT_KEY, "aftermath", seq],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/audit/{seq}/aftermath", { params: { path: { seq } }, signal })),
    staleTime: 15_000,
  });

/** What was done to one object, newest first. */
export const useHistory = (kind: string, id: string, enabled: boolean) =>
  useQuery({
    queryKey: [AUDIT_KEY, "history", kind, id],
    queryFn: ({ signal }) =>
      fetchEntries({ actor_kind: [], action: [], resource_kind: [kind], resource: id }, null, 100, signal),
    enabled,
  });

const CHECKING_MS = 1_000;

export function useAuditCheck(enabled: boolean) {
  const calm = usePolling("report");
  return useQuery({
    queryKey: [AUDIT_KEY, "check"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/audit:verify", { signal })),
    enabled,
    refetchInterval: (query) => (query.state.data?.state === "running" ? CHECKING_MS : calm(query)),
  });
}

export const beginCheck = (): Promise<Check> => unwrap(client.POST("/api/v1/audit:verify"));

/** Where exactly the filtered entries can be had as a file. */
export function extractUrl(wish: AuditWish): string {
  const url = new URL("api/v1/audit:extract", baseUrl);
  for (const [key, value] of Object.entries(queryOf(wish))) {
    for (const one of [value].flat()) url.searchParams.append(key, String(one));
  }
  return url.href;
}
