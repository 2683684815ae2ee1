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
export type RulePage = Schemas["RulePage"];
export type RuleSequence = Schemas["RuleSequence"];
export type SeenBacktest = Schemas["SeenBacktest"];
export type Mode = "act" | "observe";

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

/** `seen` is what the back-test told that was looked at; null = knowingly none. Both are kept in the audit. */
export const publishRule = (id: string, how: { mode: Mode | null; seen: SeenBacktest | null }, order: Order): Promise<Rule> =>
  unwrap(
    client.POST("/api/v1/rules/{rule_id}:publish", {
      params: { ...at(id), header: orderHeaders(order) },
      body: { reason: order.reason, mode: how.mode, backtest: how.seen },
    }),
  );

/** What becomes of the rules in force when they are asked in another order; undefined = nothing is asked. */
export const useOrderEffect = (order: readonly string[] | undefined, set: number) =>
  useQuery({
    queryKey: [RULES_KEY, "order", set, order],
    queryFn: ({ signal }) =>
      unwrap(client.POST("/api/v1/rules:order", { params: { query: { dry_run: true } }, body: { rule_ids: [...(order ?? [])], reason: "" }, signal })),
    enabled: order !== undefined,
    gcTime: 0,
    placeholderData: (old) => old,
  });

export const orderRules = (rules: readonly string[], set: number, order: Order): Promise<RuleSequence> =>
  unwrap(
    client.POST("/api/v1/rules:order", { params: { header: orderHeaders(order) }, body: { rule_ids: [...rules], set_no: set, reason: order.reason } }),
  );

export type Switching = "retire" | "enable" | "observe" | "disable";

export function switchRule(id: string, how: Switching, order: Order): Promise<Rule> {
  const sent = { params: { ...at(id), header: orderHeaders(order) }, body: { reason: order.reason } };
  switch (how) {
    case "observe":
      return unwrap(client.POST("/api/v1/rules/{rule_id}:observe", sent));
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
