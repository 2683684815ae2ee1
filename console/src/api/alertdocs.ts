import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import type { Document } from "./configs";
import { orderHeaders } from "./effect";
import type { components } from "./schema";

/** What people decide about alerts, in versions: rules, chains, schedules, inhibitions. */

type Schemas = components["schemas"];
export type DocItem = Schemas["AlertDocItem"];
export type Doc = Schemas["AlertDocView"];
export type DocVersion = Schemas["AlertDocVersionView"];
export type DocCheck = Schemas["AlertDocCheck"];
export type FailedTest = Schemas["FailedAlertTest"];
export type DocKind = "rule" | "chain" | "schedule" | "inhibition";

const PATH: Readonly<Record<DocKind, string>> = {
  rule: "/api/v1/alert-rules", chain: "/api/v1/chains", schedule: "/api/v1/schedules", inhibition: "/api/v1/inhibitions",
};

/** The path of an operation of a kind: all kinds have the same ones, so that those of rules stand for all. */
const at = <P extends `/api/v1/alert-rules${string}`>(kind: DocKind, path: P): P => path.replace(PATH.rule, PATH[kind]) as P;
const one = (id: string): { path: { doc_id: string } } => ({ path: { doc_id: id } });

export const DOCS_KEY = "alertdocs";

export const fetchDocs = (kind: DocKind, signal: AbortSignal): Promise<Schemas["AlertDocPage"]> => unwrap(client.GET(at(kind, "/api/v1/alert-rules"), { signal }));

export const useDocs = (kind: DocKind) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "list"],
    queryFn: ({ signal }) => fetchDocs(kind, signal),
    refetchInterval: usePolling("list"),
  });

export const useDoc = (kind: DocKind, id: string) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "one", id],
    queryFn: ({ signal }) => unwrap(client.GET(at(kind, "/api/v1/alert-rules/{doc_id}"), { params: one(id), signal })),
    refetchInterval: usePolling("list"),
  });

export const useDocVersions = (kind: DocKind, id: string) =>
  useQuery({
    queryKey: [DOCS_KEY, kind, "versions", id],
    queryFn: ({ signal }) => unwrap(client.GET(at(kind, "/api/v1/alert-rules/{doc_id}/versions"), { params: { ...one(id), query: { limit: 100 } }, signal })),
  });

/** Text is YAML, a document is JSON; `id` = what it would be a version of. */
export const checkDoc = (kind: DocKind, sent: string | Document, id: string | undefined, signal: AbortSignal): Promise<DocCheck> =>
  unwrap(client.POST(at(kind, "/api/v1/alert-rules:check"), { body: { ...(typeof sent === "string" ? { text: sent } : { document: sent }), ...(id ? { id } : {}) }, signal }));

/** Written as a draft, or with `publish` put into force at once, as short documents are. */
export function writeDoc(kind: DocKind, id: string | undefined, document: Document, order: Order, publish = false): Promise<Doc> {
  const body = { document, publish, reason: order.reason };
  const header = orderHeaders(order);
  return unwrap(id === undefined ? client.POST(at(kind, "/api/v1/alert-rules"), { params: { header }, body }) : client.PUT(at(kind, "/api/v1/alert-rules/{doc_id}"), { params: { ...one(id), header }, body }));
}

export type DocAct = "publish" | "retire" | "enable" | "disable";

/** Only rules and inhibitions are switched on and off. */
export function actOnDoc(kind: DocKind, id: string, act: DocAct, order: Order): Promise<Doc> {
  const told = { params: { ...one(id), header: orderHeaders(order) }, body: { reason: order.reason } };
  switch (act) {
    case "publish":
      return unwrap(client.POST(at(kind, "/api/v1/alert-rules/{doc_id}:publish"), told));
    case "retire":
      return unwrap(client.POST(at(kind, "/api/v1/alert-rules/{doc_id}:retire"), told));
    case "enable":
      return unwrap(client.POST(at(kind, "/api/v1/alert-rules/{doc_id}:enable"), told));
    case "disable":
      return unwrap(client.POST(at(kind, "/api/v1/alert-rules/{doc_id}:disable"), told));
  }
}

export const rollbackDoc = (kind: DocKind, id: string, version: number, order: Order): Promise<Doc> =>
  unwrap(client.POST(at(kind, "/api/v1/alert-rules/{doc_id}:rollback"), { params: { ...one(id), header: orderHeaders(order) }, body: { version, reason: order.reason } }));

export const discardDoc = (kind: DocKind, id: string, order: Order): Promise<Doc> =>
  unwrap(client.DELETE(at(kind, "/api/v1/alert-rules/{doc_id}/draft"), { params: { ...one(id), query: { reason: order.reason }, header: orderHeaders(order) } }));

export type DryRun = Schemas["AlertDryRun"];

/** What would have come of a rule as it is being written, over the events of some days. */
export const dryRunRule = (document: Document, days: number, signal: AbortSignal): Promise<DryRun> =>
  unwrap(client.POST("/api/v1/alert-rules:dry-run", { body: { document, days, max_alerts: 200 }, signal }));

/** Has everything of a kind asked for again. */
export function useRenewDocs(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [DOCS_KEY] });
}
