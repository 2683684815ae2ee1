import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { effectOf, orderHeaders, type ServerEffect } from "./effect";
import type { components, operations } from "./schema";
import { TASKS_KEY } from "./tasks";

/** Flows: several tasks that belong together; their versions and runs. */

type Schemas = components["schemas"];
export type Flow = Schemas["FlowItem"];
export type FlowDetail = Schemas["FlowView"];
export type FlowVersion = Schemas["FlowVersionView"];
export type FlowInput = Schemas["FlowInput"];
export type PlannedStep = Schemas["PlannedStepView"];
export type Run = Schemas["FlowRunItem"];
export type RunDetail = Schemas["FlowRunView"];
export type RunState = Run["state"];
export type RunStep = Schemas["FlowRunStepView"];
export type RunOrder = RunDetail["orders"][number];
export type RunLine = Schemas["RunLine"];
export type RunWish = Omit<Schemas["RunWishBody"], "reason">;
export type FlowDocument = FlowDetail["flow"];

type RunQuery = NonNullable<operations["list_flow_runs"]["parameters"]["query"]>;
export type RunFilter = Omit<RunQuery, "cursor" | "limit">;

/** Hints of the stream name it; runs and flows share it. */
export const FLOWS_KEY = "flows";
const AT_ONCE = 60;

export const useFlows = (enabled = true) =>
  useQuery({
    queryKey: [FLOWS_KEY, "list"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flows", { signal })),
    refetchInterval: usePolling("list"),
    enabled,
  });

const of = (flowId: string) => ({ path: { flow_id: flowId } });
const ofRun = (runId: string) => ({ path: { run_id: runId } });

/** One flow; none is asked for while its id is not known. */
export const useFlow = (flowId: string | undefined) =>
  useQuery({
    queryKey: [FLOWS_KEY, "one", flowId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flows/{flow_id}", { params: of(flowId ?? ""), signal })),
    refetchInterval: usePolling("detail"),
    enabled: flowId !== undefined,
  });

export const useFlowVersions = (flowId: string) =>
  useQuery({
    queryKey: [FLOWS_KEY, "one", flowId, "versions"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flows/{flow_id}/versions", { params: { ...of(flowId), query: { limit: 50 } }, signal })).then(({ items }) => items),
  });

/** How long each step of a flow takes, over its newest runs. */
export const useStepTimes = (flowId: string) =>
  useQuery({
    queryKey: [FLOWS_KEY, "one", flowId, "step-times"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flows/{flow_id}/step-times", { params: of(flowId), signal })),
    refetchInterval: usePolling("report"),
  });

export const fetchRuns = (filter: RunFilter, cursor: string | null, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/flow-runs", { params: { query: { ...filter, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) } }, signal }));

export const useRun = (runId: string) =>
  useQuery({
    queryKey: [FLOWS_KEY, "one", runId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flow-runs/{run_id}", { params: ofRun(runId), signal })),
    refetchInterval: usePolling("detail"),
  });

export const useRunStory = (runId: string) =>
  useQuery({
    queryKey: [FLOWS_KEY, "one", runId, "timeline"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/flow-runs/{run_id}/timeline", { params: ofRun(runId), signal })),
    refetchInterval: usePolling("detail"),
  });

/** The attempts at the tasks of a run, by task; those that are not known yet are absent. */
export function useAttemptsOf(taskIds: readonly string[]): ReadonlyMap<string, readonly Schemas["TaskAttemptView"][]> {
  const polling = usePolling("detail");
  return useQueries({
    queries: taskIds.map((id) => ({
      queryKey: [TASKS_KEY, "one", id, "attempts"],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        unwrap(client.GET("/api/v1/tasks/{task_id}/attempts", { params: { path: { task_id: id }, query: { limit: 500 } }, signal })).then(({ items }) => items),
      refetchInterval: polling,
    })),
    combine: (results) => new Map(results.flatMap(({ data }, index) => (data ? [[taskIds[index] ?? "", data] as const] : []))),
  });
}

interface Sent {
  reason: string;
  header: object;
  dry_run: boolean;
}

/** What an order to a run says besides its reason. */
export interface RunOrderMore {
  undo?: boolean;
  from_step?: string | null;
  version?: "same" | "published";
  /** All that a replay is begun with; none = what the run was begun with. */
  input?: Schemas["RunReplayWish"]["input"];
}

function sendOrder(runId: string, order: RunOrder, more: RunOrderMore, { reason, header, dry_run }: Sent, signal?: AbortSignal): Promise<RunDetail> {
  const sent = { params: { ...ofRun(runId), header, query: { dry_run } }, ...(signal ? { signal } : {}) };
  switch (order) {
    case "pause":
      return unwrap(client.POST("/api/v1/flow-runs/{run_id}:pause", { ...sent, body: { reason } }));
    case "resume":
      return unwrap(client.POST("/api/v1/flow-runs/{run_id}:resume", { ...sent, body: { reason } }));
    case "cancel":
      return unwrap(client.POST("/api/v1/flow-runs/{run_id}:cancel", { ...sent, body: { reason, undo: more.undo ?? true } }));
    case "compensate":
      return unwrap(client.POST("/api/v1/flow-runs/{run_id}:compensate", { ...sent, body: { reason } }));
    case "replay":
      return unwrap(client.POST("/api/v1/flow-runs/{run_id}:replay", { ...sent, body: { reason, from_step: more.from_step ?? null, version: more.version ?? "same", input: more.input ?? null } }));
  }
}

export const orderRun = (runId: string, what: RunOrder, more: RunOrderMore, order: Order): Promise<RunDetail> =>
  sendOrder(runId, what, more, { reason: order.reason, header: orderHeaders(order), dry_run: false });

export const rehearseRun = (runId: string, what: RunOrder, more: RunOrderMore, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(sendOrder(runId, what, more, { reason: "", header: {}, dry_run: true }, signal));

export const decideStep = (runId: string, step: string, good: boolean, order: Order): Promise<RunDetail> => {
  const sent = { params: { path: { run_id: runId, step }, header: orderHeaders(order) }, body: { reason: order.reason } };
  return unwrap(good ? client.POST("/api/v1/flow-runs/{run_id}/steps/{step}:approve", sent) : client.POST("/api/v1/flow-runs/{run_id}/steps/{step}:refuse", sent));
};

export const beginRun = (flowId: string, wish: RunWish, order: Order) =>
  unwrap(client.POST("/api/v1/flows/{flow_id}:run", { params: { ...of(flowId), header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));

/** What is done with a flow. */
export type FlowAct = { kind: "publish" | "retire" | "discard" } | { kind: "rollback"; version: number };

function sendAct(flowId: string, act: FlowAct, { reason, header, dry_run }: Sent, signal?: AbortSignal): Promise<FlowDetail> {
  const sent = { params: { ...of(flowId), header, query: { dry_run } }, ...(signal ? { signal } : {}) };
  switch (act.kind) {
    case "publish":
      return unwrap(client.POST("/api/v1/flows/{flow_id}:publish", { ...sent, body: { reason } }));
    case "retire":
      return unwrap(client.POST("/api/v1/flows/{flow_id}:retire", { ...sent, body: { reason } }));
    case "rollback":
      return unwrap(client.POST("/api/v1/flows/{flow_id}:rollback", { ...sent, body: { reason, version: act.version } }));
    case "discard":
      return unwrap(client.DELETE("/api/v1/flows/{flow_id}/draft", { ...sent, params: { ...of(flowId), header, query: { dry_run, reason } } }));
  }
}

export const actOnFlow = (flowId: string, act: FlowAct, order: Order): Promise<FlowDetail> =>
  sendAct(flowId, act, { reason: order.reason, header: orderHeaders(order), dry_run: false });

export const rehearseFlow = (flowId: string, act: FlowAct, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(sendAct(flowId, act, { reason: "", header: {}, dry_run: true }, signal));

/** Has everything about flows and their tasks asked for again. */
export function useRenewFlows(): () => void {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: [FLOWS_KEY] });
    void queries.invalidateQueries({ queryKey: [TASKS_KEY] });
  };
}

export type FlowCheck = Schemas["FlowCheck"];

/** What the server says of a flow while it is written: as YAML text, or as the document of a form. */
export const checkFlow = (sent: string | FlowDocument, signal: AbortSignal): Promise<FlowCheck> =>
  unwrap(client.POST("/api/v1/flows:check", { body: typeof sent === "string" ? { text: sent } : { flow: sent }, signal }));

/** Writes a draft: of a new flow, or of one that is there. */
export const writeFlow = (flowId: string | null, flow: FlowDocument, order: Order): Promise<FlowDetail> => {
  const body = { flow, reason: order.reason };
  const header = orderHeaders(order);
  return unwrap(flowId === null ? client.POST("/api/v1/flows", { params: { header }, body }) : client.PUT("/api/v1/flows/{flow_id}", { params: { ...of(flowId), header }, body }));
};
