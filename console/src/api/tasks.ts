import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { effectOf, orderHeaders, type ServerEffect } from "./effect";
import type { components, operations } from "./schema";

/** Tasks: single pieces of work, their attempts, their lives. */

type Schemas = components["schemas"];
export type Task = Schemas["TaskSummary"];
export type TaskDetail = Schemas["TaskView"];
export type TaskState = Task["state"];
export type Attempt = Schemas["TaskAttemptView"];
export type StoryLine = Schemas["StoryLine"];
export type TaskFacets = Schemas["TaskFacets"];
export type TaskKind = Schemas["TaskKind"];
export type TaskWish = Schemas["TaskWish"];
export type BulkOutcome = Schemas["TaskBulkOutcome"];

type ListQuery = NonNullable<operations["list_tasks"]["parameters"]["query"]>;
/** What narrows the list. */
export type TaskFilter = Omit<ListQuery, "facets" | "cursor" | "limit">;

export const TASKS_KEY = "tasks";
const AT_ONCE = 60;

export const fetchTasks = (filter: TaskFilter, cursor: string | null, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/tasks", { params: { query: { ...filter, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) } }, signal }));

/** How many there are of each kind; asked apart from the rows. */
export const useTaskFacets = (filter: TaskFilter) =>
  useQuery({
    queryKey: [TASKS_KEY, "facets", filter],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tasks", { params: { query: { ...filter, limit: 1, facets: true } }, signal })),
    placeholderData: (old) => old,
    staleTime: 5_000,
    refetchInterval: usePolling("list"),
  });

const at = (taskId: string) => ({ path: { task_id: taskId } });

export const useTask = (taskId: string) =>
  useQuery({
    queryKey: [TASKS_KEY, "one", taskId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tasks/{task_id}", { params: at(taskId), signal })),
    refetchInterval: usePolling("detail"),
  });

export const useAttempts = (taskId: string) =>
  useQuery({
    queryKey: [TASKS_KEY, "one", taskId, "attempts"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tasks/{task_id}/attempts", { params: { ...at(taskId), query: { limit: 500 } }, signal })).then(({ items }) => items),
    refetchInterval: usePolling("detail"),
  });

export const useStory = (taskId: string, enabled: boolean) =>
  useQuery({
    queryKey: [TASKS_KEY, "one", taskId, "timeline"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tasks/{task_id}/timeline", { params: at(taskId), signal })).then(({ items }) => items),
    enabled,
    refetchInterval: usePolling("detail"),
  });

/** The kinds that may stand somewhere; they never change while the centre runs. */
export const useKinds = (where: TaskKind["serves"][number], enabled = true) =>
  useQuery({
    queryKey: ["task-kinds"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/tasks/kinds", { signal })).then(({ items }) => items),
    select: (items) => items.filter(({ serves }) => serves.includes(where)),
    staleTime: Infinity,
    enabled,
  });

/** Why a rule made it: how the event was decided that led to it. */
export const useDecision = (fileEvent: number | null) =>
  useQuery({
    queryKey: ["file-events", "decision", fileEvent],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/file-events/{row_id}/decision", { params: { path: { row_id: String(fileEvent) } }, signal })),
    enabled: fileEvent !== null,
    retry: false,
    staleTime: Infinity,
  });

/** What is done with one task. */
export type TaskAct = "retry" | "cancel" | "compensate";

function sendAct(taskId: string, act: TaskAct, sent: { reason: string; header: object; dry_run: boolean }, signal?: AbortSignal): Promise<TaskDetail> {
  const options = { params: { ...at(taskId), header: sent.header, query: { dry_run: sent.dry_run } }, body: { reason: sent.reason }, ...(signal ? { signal } : {}) };
  switch (act) {
    case "retry":
      return unwrap(client.POST("/api/v1/tasks/{task_id}:retry", options));
    case "cancel":
      return unwrap(client.POST("/api/v1/tasks/{task_id}:cancel", options));
    case "compensate":
      return unwrap(client.POST("/api/v1/tasks/{task_id}:compensate", options));
  }
}

export const actOnTask = (taskId: string, act: TaskAct, order: Order): Promise<TaskDetail> =>
  sendAct(taskId, act, { reason: order.reason, header: orderHeaders(order), dry_run: false });

export const rehearseTask = (taskId: string, act: TaskAct, signal: AbortSignal): Promise<ServerEffect> =>
  effectOf(sendAct(taskId, act, { reason: "", header: {}, dry_run: true }, signal));

/** Many at once: named ones, or all that a filter finds. */
export type Choice = { ids: readonly string[] } | { filter: TaskFilter };
export type BulkAct = Exclude<TaskAct, "compensate">;

function sendBulk(act: BulkAct, choice: Choice, sent: { reason: string; header: object; dry_run: boolean; cursor?: string }, signal?: AbortSignal): Promise<BulkOutcome> {
  const [filter, ids] = "ids" in choice ? [{}, [...choice.ids]] : [choice.filter, []];
  const options = {
    params: { query: { ...filter, dry_run: sent.dry_run, ...(sent.cursor === undefined ? {} : { cursor: sent.cursor }) }, header: sent.header },
    body: { reason: sent.reason, task_ids: ids },
    ...(signal ? { signal } : {}),
  };
  return unwrap(act === "retry" ? client.POST("/api/v1/tasks:retry", options) : client.POST("/api/v1/tasks:cancel", options));
}

export const rehearseTasks = (act: BulkAct, choice: Choice, signal: AbortSignal): Promise<BulkOutcome> =>
  sendBulk(act, choice, { reason: "", header: {}, dry_run: true }, signal);

export interface BulkSum {
  changed: number;
  refused: number;
}

/** Does it part by part until nothing is left; each part has a key of its own, so that a repeat does nothing twice. */
export async function actOnTasks(act: BulkAct, choice: Choice, order: Order): Promise<BulkSum> {
  const sum: BulkSum = { changed: 0, refused: 0 };
  let cursor: string | undefined;
  for (let part = 0; part === 0 || cursor !== undefined; part += 1) {
    const header = { "idempotency-key": `${order.idempotencyKey}-${part}` };
    const done: BulkOutcome = await sendBulk(act, choice, { reason: order.reason, header, dry_run: false, ...(cursor === undefined ? {} : { cursor }) });
    sum.changed += done.changed;
    sum.refused += Object.values(done.refused).reduce((all, count) => all + count, 0);
    cursor = done.next_cursor ?? undefined;
  }
  return sum;
}

/** What a task would be; throws what is wrong with it, field by field. */
export const rehearseWish = (wish: TaskWish, signal: AbortSignal) =>
  unwrap(client.POST("/api/v1/tasks", { params: { query: { dry_run: true } }, body: wish, signal }));

export const makeTask = (wish: TaskWish, order: Order) =>
  unwrap(client.POST("/api/v1/tasks", { params: { header: orderHeaders(order) }, body: { ...wish, reason: order.reason } }));

/** Has everything about tasks asked for again. */
export function useRenewTasks(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [TASKS_KEY] });
}
