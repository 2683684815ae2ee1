import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import type { ListPage } from "../ui/table/useList";
import { client, RequestError, unwrap } from "./client";
import type { components, paths } from "./schema";

export type FileNode = components["schemas"]["FileNode"];
export type FileLevel = components["schemas"]["FileLevel"];
export type FileLife = components["schemas"]["FileLife"];
export type FileContent = components["schemas"]["FileContent"];
export type LogLine = components["schemas"]["LogLine"];
export type NodeState = NonNullable<FileNode["state"]>;
export type LogLevel = NonNullable<LogLine["level"]>;
export type LevelQuery = NonNullable<paths["/api/v1/agents/{agent_id}/files"]["get"]["parameters"]["query"]>;
export type ContentQuery = paths["/api/v1/agents/{agent_id}/files/content"]["get"]["parameters"]["query"];

/** The one agent of a process without a centre. */
export const LOCAL = "local";

export interface AgentChoice {
  id: string;
  name: string;
  /** Of the centre; null where there is none. */
  state: components["schemas"]["AgentSummary"]["state"] | null;
}

/** Agents that can be asked, those whose name holds `text`; the one of this process where it has no centre. */
export const useAgentChoices = (text: string) =>
  useQuery({
    queryKey: ["agents", "choices", text],
    queryFn: async ({ signal }): Promise<AgentChoice[]> => {
      try {
        const page = await unwrap(client.GET("/api/v1/agents", { params: { query: { limit: 50, text } }, signal }));
        return page.items.map(({ agent_id, hostname, state }) => ({ id: agent_id, name: hostname, state }));
      } catch (error) {
        if (error instanceof RequestError && error.status === 404) return [{ id: LOCAL, name: "", state: null }];
        throw error;
      }
    },
    staleTime: 15_000,
  });

const path = (agent_id: string) => ({ agent_id });

export const fetchLevel = (agent: string, query: LevelQuery, signal: AbortSignal): Promise<FileLevel> =>
  unwrap(client.GET("/api/v1/agents/{agent_id}/files", { params: { path: path(agent), query }, signal }));

export interface LevelPage extends ListPage<FileNode> {
  level: FileLevel;
}

/** A page of a directory as lists take it. */
export async function fetchLevelPage(agent: string, query: LevelQuery, cursor: string | null, signal: AbortSignal): Promise<LevelPage> {
  const level = await fetchLevel(agent, { ...query, ...(cursor === null ? {} : { cursor }) }, signal);
  return { items: level.items, next: level.next_cursor, total: level.total, level };
}

/** A path that cannot be asked for does not become one by asking again. */
const isFinal = (error: unknown): boolean => error instanceof RequestError && (error.status === 400 || error.status === 409);

/** What is at a path: a file with its life, or a directory, which has none. */
export function useLife(agent: string | undefined, at: string | undefined) {
  const polling = usePolling("detail");
  return useQuery({
    queryKey: ["files", "life", agent, at],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/v1/agents/{agent_id}/files/life", {
          params: { path: path(agent ?? ""), query: { path: at ?? "" } },
          signal,
        }),
      ),
    enabled: Boolean(agent && at),
    refetchInterval: (query) => (isFinal(query.state.error) ? false : polling(query)),
  });
}

export const fetchContent = (agent: string, query: ContentQuery, signal: AbortSignal): Promise<FileContent> =>
  unwrap(client.GET("/api/v1/agents/{agent_id}/files/content", { params: { path: path(agent), query }, signal }));

/** What is sent with an order about files: why, and the key under which it is given once. */
export interface FileOrder {
  reason: string;
  idempotencyKey: string;
}

const header = ({ idempotencyKey }: FileOrder) => ({ "idempotency-key": idempotencyKey });

export const sendNow = (agent: string, at: string, order: FileOrder) =>
  unwrap(
    client.POST("/api/v1/agents/{agent_id}/files:upload", {
      params: { path: path(agent), header: header(order) },
      body: { path: at, reason: order.reason },
    }),
  );

export const switchAuto = (agent: string, at: string, enabled: boolean, order: FileOrder) =>
  unwrap(
    client.POST("/api/v1/agents/{agent_id}/files:auto-upload", {
      params: { path: path(agent), header: header(order) },
      body: { path: at, enabled, reason: order.reason },
    }),
  );

/** The server gives no larger file away; the store has it whole. */
export const MOST_DOWNLOADED = 64 * 1024 * 1024;

/** A file of an agent as it lies on its disk; `tell` hears how many bytes came. */
export async function fetchFileBytes(agent: string, at: string, tell: (bytes: number) => void, signal: AbortSignal): Promise<Blob> {
  const stream = await unwrap(
    client.GET("/api/v1/agents/{agent_id}/files/download", {
      params: { path: path(agent), query: { path: at } },
      parseAs: "stream",
      signal,
    }),
  );
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let count = 0;
  const reader = (stream as unknown as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    count += next.value.byteLength;
    tell(count);
  }
  return new Blob(parts);
}
