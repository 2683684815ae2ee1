import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import type { Document, DocumentFault } from "./configs";
import { orderHeaders } from "./effect";
import { ask } from "./loose";

/** What people decide about alerts, in versions: rules, chains, schedules, inhibitions. */

export type DocKind = "rule" | "chain" | "schedule" | "inhibition";

const PATH: Readonly<Record<DocKind, string>> = {
  rule: "/api/v1/alert-rules", chain: "/api/v1/chains", schedule: "/api/v1/schedules", inhibition: "/api/v1/inhibitions",
};

export interface DocItem {
  id: string;
  name: string;
  state: "draft" | "published" | "retired";
  version: number;
  draft_version: number | null;
  published_version: number | null;
  /** Of what is in force. */
  enabled: boolean | null;
  /** It came with GWF. */
  built_in: boolean;
  /** The draft, else what is in force, else the last. */
  document: Document;
  author: string;
  created_at: string;
  updated_at: string;
  revision: number;
  /** Of rules. */
  open_alerts: number | null;
  alerts_7d: number | null;
}

export interface Doc extends DocItem {
  reason: string;
  published: Document | null;
}

export interface DocVersion {
  version: number;
  state: "draft" | "published" | "retired";
  document: Document;
  author: string;
  reason: string;
  created_at: string;
  published_at: string | null;
  retired_at: string | null;
}

export const DOCS_KEY = "alertdocs";

export const fetchDocs = (kind: DocKind, signal: AbortSignal): Promise<{ items: DocItem[] }> => ask<{ items: DocItem[] }>("GET", PATH[kind], { signal });

export const useDocs = (kind: DocKind) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "list"],
    queryFn: ({ signal }) => fetchDocs(kind, signal),
    refetchInterval: usePolling("list"),
  });

export const useDoc = (kind: DocKind, id: string | undefined) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "one", id],
    queryFn: ({ signal }) => ask<Doc>("GET", `${PATH[kind]}/{id}`, { path: { id }, signal }),
    refetchInterval: usePolling("list"),
    enabled: id !== undefined,
  });

export const useDocVersions = (kind: DocKind, id: string) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "versions", id],
    queryFn: ({ signal }) => ask<{ items: DocVersion[] }>("GET", `${PATH[kind]}/{id}/versions`, { path: { id }, query: { limit: 100 }, signal }),
  });

export interface DocCheck {
  text: string;
  document: Document | null;
  faults: DocumentFault[];
}

export const checkDoc = (kind: DocKind, sent: string | Document, id: string | undefined, signal: AbortSignal): Promise<DocCheck> =>
  ask<DocCheck>("POST", `${PATH[kind]}:check`, { body: { ...(typeof sent === "string" ? { text: sent } : { document: sent }), ...(id ? { id } : {}) }, signal });

/** Written as a draft, or with `publish` put into force at once, as short documents are. */
export function writeDoc(kind: DocKind, id: string | undefined, document: Document, order: Order, publish = false): Promise<Doc> {
  const told = { body: { document, publish, reason: order.reason }, header: orderHeaders(order) };
  return id === undefined ? ask<Doc>("POST", PATH[kind], told) : ask<Doc>("PUT", `${PATH[kind]}/{id}`, { path: { id }, ...told });
}

export type DocAct = "publish" | "retire" | "enable" | "disable";

export const actOnDoc = (kind: DocKind, id: string, act: DocAct, order: Order): Promise<Doc> =>
  ask<Doc>("POST", `${PATH[kind]}/{id}:${act}`, { path: { id }, body: { reason: order.reason }, header: orderHeaders(order) });

export const rollbackDoc = (kind: DocKind, id: string, version: number, order: Order): Promise<Doc> =>
  ask<Doc>("POST", `${PATH[kind]}/{id}:rollback`, { path: { id }, body: { version, reason: order.reason }, header: orderHeaders(order) });

export const discardDoc = (kind: DocKind, id: string, order: Order): Promise<Doc> =>
  ask<Doc>("DELETE", `${PATH[kind]}/{id}/draft`, { path: { id }, query: { reason: order.reason }, header: orderHeaders(order) });

export interface DryRunAlert {
  title: string;
  severity: string;
  labels: Record<string, string>;
  opened_at: string;
  ended_at: string | null;
  count: number;
}

export interface DryRun {
  since: string;
  until: string;
  events: number;
  sample: boolean;
  took_ms: number;
  matched: number;
  alerts: number;
  notices: number;
  items: DryRunAlert[];
  notices_at: string[];
}

export const dryRunRule = (document: Document, days: number, signal: AbortSignal): Promise<DryRun> =>
  ask<DryRun>("POST", "/api/v1/alert-rules:dry-run", { body: { document, days }, signal });

/** Has everything of a kind asked for again. */
export function useRenewDocs(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [DOCS_KEY] });
}
