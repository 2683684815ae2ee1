import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import type { Document } from "./configs";
import { orderHeaders } from "./effect";
import type { components } from "./schema";

/** Rules: what is to be done about events, tried and put into force. */

type Schemas = components["schemas"];
export type RuleItem = Schemas["RuleItem"];
export type Rule = Schemas["RuleView"];
export type RuleVersion = Schemas["RuleVersionView"];
export type RuleRef = Schemas["RuleRef"];
export type RuleCheck = Schemas["RuleCheck"];
export type RuleHit = Schemas["RuleHit"];
export type Trace = Schemas["TraceView"];
export type Story = Schemas["RuleStoryView"];
export type Decision = Schemas["DecisionView"];
export type EventDecision = Schemas["EventDecision"];
export type DryRun = Schemas["DryRunView"];
export type DryRunWish = Schemas["DryRunWish"];
export type BacktestWish = Schemas["BacktestWish"];
export type Difference = Schemas["BacktestDifference"];
export type Summary = Schemas["BacktestSummary"];
export type ActionDraft = Schemas["DraftView"];

export const RULES_KEY = "rules";

/** All rules at once: there are at most 2,000 of a tenant. */
export const fetchRules = (signal: AbortSignal) => unwrap(client.GET("/api/v1/rules", { signal }));

export const useRules = (enabled = true) =>
  useQuery({
    queryKey: [RULES_KEY, "list"],
    queryFn: ({ signal }) => fetchRules(signal),
    refetchInterval: usePolling("list"),
    enabled,
  });

const at = (id: string): { path: { rule_id: string } } => ({ path: { rule_id: id } });

export const useRule = (id: string | undefined) =>
  useQuery({
    queryKey: [RULES_KEY, "one", id],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rules/{rule_id}", { params: at(id ?? ""), signal })),
    refetchInterval: usePolling("list"),
    enabled: id !== undefined,
  });

export const fetchRuleVersions = (id: string, before: number | undefined, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/rules/{rule_id}/versions", { params: { ...at(id), query: { limit, ...(before ? { before } : {}) } }, signal }));

export const useRuleVersion = (id: string, version: number | undefined) =>
  useQuery({
    queryKey: [RULES_KEY, "version", id, version],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/rules/{rule_id}/versions/{version}", { params: { path: { rule_id: id, version: version ?? 0 } }, signal })),
    enabled: version !== undefined,
  });

export const fetchMatches = (id: string, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/rules/{rule_id}/matches", { params: { ...at(id), query: { limit, ...(cursor ? { cursor } : {}) } }, signal }));

type EventKind = RuleHit["kind"];

export const useDecision = (kind: EventKind, rowId: string) =>
  useQuery({
    queryKey: [RULES_KEY, "decision", kind, rowId],
    queryFn: ({ signal }) => {
      const params = { path: { row_id: rowId } };
      return unwrap(
        kind === "file"
          ? client.GET("/api/v1/file-events/{row_id}/decision", { params, signal })
          : client.GET("/api/v1/events/{row_id}/decision", { params, signal }),
      );
    },
    staleTime: 5_000,
  });

/** Text is YAML, a document is JSON; `id` = the rule that it would be a version of. */
export const checkRule = (sent: string | Document, id: string | undefined, signal: AbortSignal): Promise<RuleCheck> =>
  unwrap(
    client.POST("/api/v1/rules:check", {
      body: { ...(typeof sent === "string" ? { text: sent } : { rule: sent }), ...(id ? { rule_id: id } : {}) },
      signal,
    }),
  );

export const tryRule = (id: string | undefined, body: Partial<DryRunWish>, signal: AbortSignal): Promise<DryRun> =>
  unwrap(
    id === undefined
      ? client.POST("/api/v1/rules:dry-run", { body: body as DryRunWish, signal })
      : client.POST("/api/v1/rules/{rule_id}:dry-run", { params: at(id), body: body as DryRunWish, signal }),
  );

export const createRule = (rule: Document, order: Order): Promise<Rule> =>
  unwrap(client.POST("/api/v1/rules", { params: { header: orderHeaders(order) }, body: { rule, reason: order.reason } }));

export const writeRule = (id: string, rule: Document, order: Order): Promise<Rule> =>
  unwrap(
    client.PUT("/api/v1/rules/{rule_id}", { params: { ...at(id), header: orderHeaders(order) }, body: { rule, reason: order.reason } }),
  );

export type Switching = "publish" | "retire" | "enable" | "disable";

export function switchRule(id: string, how: Switching, order: Order): Promise<Rule> {
  const sent = { params: { ...at(id), header: orderHeaders(order) }, body: { reason: order.reason } };
  switch (how) {
    case "publish":
      return unwrap(client.POST("/api/v1/rules/{rule_id}:publish", sent));
    case "retire":
      return unwrap(client.POST("/api/v1/rules/{rule_id}:retire", sent));
    case "enable":
      return unwrap(client.POST("/api/v1/rules/{rule_id}:enable", sent));
    case "disable":
      return unwrap(client.POST("/api/v1/rules/{rule_id}:disable", sent));
  }
}

export const rollbackRule = (id: string, version: number, order: Order): Promise<Rule> =>
  unwrap(
    client.POST("/api/v1/rules/{rule_id}:rollback", {
      params: { ...at(id), header: orderHeaders(order) },
      body: { version, reason: order.reason },
    }),
  );

export const discardDraft = (id: string, order: Order): Promise<Rule> =>
  unwrap(
    client.DELETE("/api/v1/rules/{rule_id}/draft", { params: { ...at(id), header: orderHeaders(order), query: { reason: order.reason } } }),
  );
