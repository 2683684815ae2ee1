import { useQuery, useQueryClient } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { Order } from "../ui/action/types";
import { client, unwrap } from "./client";
import { orderHeaders } from "./effect";
import type { components, operations } from "./schema";

/** Dead letters of the centre: what failed for good, its causes, runs over many; and lives of files. */

type Schemas = components["schemas"];
export type Letter = Schemas["LetterItem"];
export type LetterDetail = Schemas["LetterDetail"];
export type LetterGroup = Schemas["LetterGroup"];
export type LetterRun = Schemas["LetterRunView"];
export type LetterRehearsal = Schemas["LetterRehearsal"];
export type Probe = Schemas["ProbeView"];
export type FileTrace = Schemas["FileTrace"];
export type Selected = Schemas["LetterSelection"];

type ListQuery = NonNullable<operations["list_letters"]["parameters"]["query"]>;
/** What narrows the list. */
export type LetterFilter = Omit<ListQuery, "facets" | "cursor" | "limit">;

export const DLQ_KEY = "dlq";
const AT_ONCE = 60;

export const fetchLetters = (filter: LetterFilter, cursor: string | null, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/dlq", { params: { query: { ...filter, limit: AT_ONCE, ...(cursor === null ? {} : { cursor }) } }, signal }));

export const useLetterFacets = (filter: LetterFilter) =>
  useQuery({
    queryKey: [DLQ_KEY, "facets", filter],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dlq", { params: { query: { ...filter, limit: 1, facets: true } }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("list"),
  });

/** The causes of a list: all that its filter leaves but for the cause that is chosen. */
export const groupsOf = ({ cause: _, ...rest }: LetterFilter): LetterFilter => rest;

/** How many wait for somebody: of every kind. */
export const useLetterCount = (enabled: boolean) =>
  useQuery({
    queryKey: [DLQ_KEY, "count"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dlq", { params: { query: { state: ["open", "queued", "replaying"], limit: 1 } }, signal })).then(({ total }) => total),
    refetchInterval: usePolling("list"),
    enabled,
  });

export const useGroups = (filter: LetterFilter) =>
  useQuery({
    queryKey: [DLQ_KEY, "groups", filter],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dlq/groups", { params: { query: filter }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("list"),
  });

export const useLetter = (letterId: string) =>
  useQuery({
    queryKey: [DLQ_KEY, "one", letterId],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dlq/{letter_id}", { params: { path: { letter_id: letterId } }, signal })),
    refetchInterval: usePolling("detail"),
  });

export const useRuns = () =>
  useQuery({
    queryKey: [DLQ_KEY, "runs"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/dlq/runs", { params: { query: { limit: 5 } }, signal })).then(({ items }) => items),
    refetchInterval: usePolling("detail"),
  });

export const probeCause = (causeId: string): Promise<Probe> => unwrap(client.POST("/api/v1/dlq:probe", { body: { cause_id: causeId } }));

/** Named letters, or all that a filter leaves. */
export type Choice = { ids: string[] } | { filter: Selected };
export type LetterAct = "replay" | "drop";

export interface Wish {
  act: LetterAct;
  choice: Choice;
  poison?: boolean;
  rate?: number | undefined;
  limit?: number | undefined;
  edit?: Record<string, unknown> | undefined;
}

function sent(wish: Wish, said: { reason: string; header: object; dry_run: boolean }, signal?: AbortSignal) {
  const common = { ...wish.choice, ...(wish.limit === undefined ? {} : { limit: wish.limit }), ...(wish.rate === undefined ? {} : { rate_per_s: wish.rate }) };
  const options = { params: { header: said.header, query: { dry_run: said.dry_run } }, ...(signal ? { signal } : {}) };
  if (wish.act === "drop") return unwrap(client.POST("/api/v1/dlq:drop", { ...options, body: { ...common, reason: said.reason || "-" } as Schemas["DropLetters"] }));
  const body = { ...common, reason: said.reason, poison: wish.poison ?? false, ...(wish.edit === undefined ? {} : { edit: wish.edit }) };
  return unwrap(client.POST("/api/v1/dlq:replay", { ...options, body: body as Schemas["ReplayLetters"] }));
}

export const rehearseLetters = (wish: Wish, signal: AbortSignal): Promise<LetterRehearsal> =>
  sent(wish, { reason: "", header: {}, dry_run: true }, signal).then(({ rehearsal }) => rehearsal as LetterRehearsal);

export const orderLetters = (wish: Wish, order: Order): Promise<LetterRun> =>
  sent(wish, { reason: order.reason, header: orderHeaders(order), dry_run: false }).then(({ run }) => run as LetterRun);

export const stopRun = (runId: string): Promise<LetterRun> =>
  unwrap(client.POST("/api/v1/dlq/runs/{run_id}:stop", { params: { path: { run_id: runId } }, body: { reason: "" } }));

/** Has everything about dead letters asked for again. */
export function useRenewLetters(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [DLQ_KEY] });
}

/** Whose life is wanted: by host and path, or by any event that told of the file. */
export type LifeOf = ({ agent: string; path: string } | { event: string }) & { version?: number | undefined };

/** The whole life of a file. */
export const useTrace = (life: LifeOf) =>
  useQuery({
    queryKey: ["file-trace", life],
    queryFn: ({ signal }) => {
      const query = life.version === undefined ? {} : { version: life.version };
      if ("event" in life) return unwrap(client.GET("/api/v1/files/{row_id}/trace", { params: { path: { row_id: life.event }, query }, signal }));
      return unwrap(client.GET("/api/v1/agents/{agent_id}/files/trace", { params: { path: { agent_id: life.agent }, query: { path: life.path, ...query } }, signal }));
    },
    retry: false,
    refetchInterval: usePolling("list"),
  });
