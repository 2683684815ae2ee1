import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { useMay } from "./account";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { effectOf, orderHeaders, type ServerEffect } from "./effect";
import type { components, operations } from "./schema";

export type AgentSummary = components["schemas"]["AgentSummary"];
export type AgentDetail = components["schemas"]["AgentDetail"];
export type AgentPage = components["schemas"]["AgentPage"];
export type AgentFacets = components["schemas"]["AgentFacets"];
export type AgentConfigView = components["schemas"]["AgentConfigView"];
export type AgentPatch = Omit<components["schemas"]["AgentPatch"], "reason">;
export type ConfigPart = components["schemas"]["ConfigPartView"];
export type GroupView = components["schemas"]["GroupView"];
export type GroupPatch = Omit<components["schemas"]["GroupPatch"], "reason">;
type NewGroup = Omit<components["schemas"]["NewGroup"], "reason">;
export type GroupPreview = components["schemas"]["GroupPreview"];
export type Attempt = components["schemas"]["AttemptView"];
export type EventView = components["schemas"]["EventView"];
export type FileEvent = components["schemas"]["FileEventView"];
export type Enrolment = components["schemas"]["NewEnrolmentView"];

type ListQuery = NonNullable<operations["list_agents"]["parameters"]["query"]>;
/** What narrows every view of the fleet. */
export type AgentFilter = Omit<ListQuery, "sort" | "facets" | "cursor" | "limit">;
export type AgentSort = NonNullable<ListQuery["sort"]>;

export const AGENTS_AT_ONCE = 100;

export const fetchAgents = (filter: AgentFilter, sort: AgentSort, cursor: string | null, signal: AbortSignal): Promise<AgentPage> =>
  unwrap(
    client.GET("/api/v1/agents", {
      params: { query: { ...filter, sort, limit: AGENTS_AT_ONCE, ...(cursor === null ? {} : { cursor }) } },
      signal,
    }),
  );

/** How many there are of each kind; asked apart from the rows, and less often. */
export const useAgentFacets = (filter: AgentFilter) =>
  useQuery({
    queryKey: ["agents", "facets", filter],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agents", { params: { query: { ...filter, limit: 1, facets: true } }, signal })),
    placeholderData: (old) => old,
    staleTime: 5_000,
    refetchInterval: usePolling("list"),
  });

/** Each agent as one cell, in the group that decides most about it, or with `every` in each of its groups. */
export const useHeat = (filter: AgentFilter, cells: number, { every = false, enabled = true } = {}) =>
  useQuery({
    queryKey: ["agents", "heat", filter, cells, every],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agents:heat", { params: { query: { ...filter, cells, every } }, signal })),
    placeholderData: (old) => old,
    staleTime: 5_000,
    refetchInterval: usePolling("list"),
    enabled,
  });

export type AgentHeat = NonNullable<ReturnType<typeof useHeat>["data"]>;

const at = (agentId: string) => ({ path: { agent_id: agentId } });

export const useAgent = (agentId: string) =>
  useQuery({
    queryKey: ["agents", "one", agentId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agents/{agent_id}", { params: at(agentId), signal })),
    refetchInterval: usePolling("detail"),
  });

export const useAgentConfig = (agentId: string) =>
  useQuery({
    queryKey: ["agents", "config", agentId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agents/{agent_id}/config", { params: at(agentId), signal })),
    refetchInterval: usePolling("list"),
  });

export const fetchAttempts = (agentId: string, limit: number, signal: AbortSignal) =>
  unwrap(
    client.GET("/api/v1/agents/{agent_id}/config-attempts", { params: { ...at(agentId), query: { limit } }, signal }),
  );

export const fetchAgentEvents = (agentId: string, span: { since: string; until: string }, limit: number, signal: AbortSignal) =>
  unwrap(
    client.GET("/api/v1/events", { params: { query: { agent: [agentId], type: ["gwf.agent.*"], ...span, limit } }, signal }),
  );

export const fetchAgentAudit = (agentId: string, cursor: string | null, limit: number, signal: AbortSignal) =>
  unwrap(
    client.GET("/api/v1/audit", {
      params: { query: { resource_kind: ["agent"], resource: agentId, limit, ...(cursor === null ? {} : { cursor }) } },
      signal,
    }),
  );

export const fetchFileEvents = (
  query: NonNullable<operations["list_file_events"]["parameters"]["query"]>,
  signal: AbortSignal,
) => unwrap(client.GET("/api/v1/file-events", { params: { query }, signal }));

/** What is done with an agent. */
export type AgentDeed = { kind: "drain" | "undrain" | "revoke" } | { kind: "patch"; patch: AgentPatch };

/** Does it, or with `dry_run` says what it would do. */
function sendDeed(agentId: string, deed: AgentDeed, { reason, header, dry_run }: Sending, signal?: AbortSignal): Promise<AgentDetail> {
  const params = { ...at(agentId), header, query: { dry_run } };
  const sent = { params, body: { reason }, ...(signal ? { signal } : {}) };
  switch (deed.kind) {
    case "drain":
      return unwrap(client.POST("/api/v1/agents/{agent_id}:drain", sent));
    case "undrain":
      return unwrap(client.POST("/api/v1/agents/{agent_id}:undrain", sent));
    case "revoke":
      return unwrap(client.POST("/api/v1/agents/{agent_id}:revoke", sent));
    case "patch":
      return unwrap(client.PATCH("/api/v1/agents/{agent_id}", { ...sent, body: { ...deed.patch, reason } }));
  }
}

interface Sending {
  reason: string;
  header: ReturnType<typeof orderHeaders> | Record<string, never>;
  dry_run: boolean;
}

export const actOnAgent = (agentId: string, deed: AgentDeed, order: Order): Promise<AgentDetail> =>
  sendDeed(agentId, deed, { reason: order.reason, header: orderHeaders(order), dry_run: false });

export const rehearseAgent = (agentId: string, deed: AgentDeed, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(sendDeed(agentId, deed, { reason: "", header: {}, dry_run: true }, signal));

export const retryConfig = (agentId: string, order: Order) =>
  unwrap(
    client.POST("/api/v1/agents/{agent_id}/config:retry", { params: { ...at(agentId), header: orderHeaders(order) }, body: { reason: order.reason } }),
  );

export const useGroupList = (enabled = true) =>
  useQuery({
    queryKey: ["agents", "groups"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agent-groups", { signal })),
    refetchInterval: usePolling("list"),
    enabled,
  });

/** The groups that a text is in, with how many there are. */
export const useGroups = (text: string) =>
  useQuery({
    queryKey: ["agents", "groups", "list", text],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agent-groups", { params: { query: { text } }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("list"),
  });

export const useGroup = (group: string) =>
  useQuery({
    queryKey: ["agents", "groups", group],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agent-groups/{group}", { params: { path: { group } }, signal })),
    refetchInterval: usePolling("list"),
  });

/** Who would move; `group` = null for a group that does not exist yet. */
export const useGroupPreview = (group: string | null, selector: string, enabled: boolean) =>
  useQuery({
    queryKey: ["agents", "preview", group, selector],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/agent-groups:preview", { params: { query: { selector, ...(group === null ? {} : { group }) } }, signal }),
      ),
    placeholderData: (old) => old,
    enabled,
    retry: false,
  });

export const createGroup = (group: NewGroup, order: Order): Promise<GroupView> =>
  unwrap(client.POST("/api/v1/agent-groups", { params: { header: orderHeaders(order) }, body: { ...group, reason: order.reason } }));

export const patchGroup = (group: string, patch: GroupPatch, order: Order): Promise<GroupView> =>
  unwrap(
    client.PATCH("/api/v1/agent-groups/{group}", {
      params: { path: { group }, header: orderHeaders(order) },
      body: { ...patch, reason: order.reason },
    }),
  );

export const deleteGroup = (group: string, order: Order): Promise<void> =>
  unwrap<void>(
    client.DELETE("/api/v1/agent-groups/{group}", { params: { path: { group }, query: { reason: order.reason }, header: orderHeaders(order) } }),
  );

/** What removing it would do. */
export const rehearseGroupEnd = (group: string, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(
    unwrap<unknown>(client.DELETE("/api/v1/agent-groups/{group}", { params: { path: { group }, query: { dry_run: true } }, signal })),
  );

/** All layers of the configuration, with their versions in force. */
export const useGroupLayers = () => {
  const may = useMay();
  return useQuery({
    queryKey: ["configs", "layers"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/config-layers", { signal })).then((page) => page.items),
    enabled: may("config:read"),
    refetchInterval: usePolling("list"),
  });
};

export const useVersion = (versionId: string | undefined) =>
  useQuery({
    queryKey: ["configs", "version", versionId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/v1/config-versions/{version_id}", { params: { path: { version_id: versionId ?? "" } }, signal })),
    enabled: versionId !== undefined,
    staleTime: Infinity,
  });

export const makeEnrolment = (wish: components["schemas"]["EnrolmentOrder"], order: Order): Promise<Enrolment> =>
  unwrap(client.POST("/api/v1/enrolment-tokens", { params: { header: orderHeaders(order) }, body: wish }));

export const endEnrolment = (id: string, order: Order) =>
  unwrap(client.POST("/api/v1/enrolment-tokens/{token_id}:revoke", { params: { path: { token_id: id }, header: orderHeaders(order) } }));

/** The agents that registered last, while somebody waits for one. */
export const useNewAgents = (enabled: boolean) =>
  useQuery({
    queryKey: ["agents", "new"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/agents", { params: { query: { sort: "-registered", limit: 10 } }, signal })),
    enabled,
    refetchInterval: 2_000,
  });

export type Rollout = components["schemas"]["RolloutView"];

const OPEN: Rollout["status"][] = ["running", "paused", "reverting"];

/** Rollouts that have not ended: a layer has one at most. */
export const useRunningRollouts = (enabled: boolean) =>
  useQuery({
    queryKey: ["rollouts", "running"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/rollouts", { params: { query: { status: OPEN, limit: 200 } }, signal })),
    select: ({ items }) => items,
    refetchInterval: usePolling("detail"),
    enabled,
  });

/** After something was done: ask anew for all that shows agents. */
export function useRenew(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ["agents"] });
}

const atRollout = (rolloutId: string) => ({ path: { rollout_id: rolloutId } });

export const pauseRollout = (rolloutId: string, order: Order): Promise<Rollout> =>
  unwrap(client.POST("/api/v1/rollouts/{rollout_id}:pause", { params: { ...atRollout(rolloutId), header: orderHeaders(order) }, body: { reason: order.reason } }));

export const resumeRollout = (rolloutId: string, order: Order): Promise<Rollout> =>
  unwrap(client.POST("/api/v1/rollouts/{rollout_id}:resume", { params: { ...atRollout(rolloutId), header: orderHeaders(order) }, body: { reason: order.reason } }));

export function useRenewRollouts(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ["rollouts"] });
}
