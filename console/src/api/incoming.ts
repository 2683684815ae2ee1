import { useQuery } from "@tanstack/react-query";
import { client, unwrap } from "./client";
import { fetchLevel } from "./files";
import type { components } from "./schema";

export type IncomingOrder = components["schemas"]["IncomingOrder"];
export type IncomingEnd = components["schemas"]["IncomingEnd"];
export type IncomingState = components["schemas"]["IncomingState"];
export type IncomingDone = components["schemas"]["IncomingDone"];
export type IncomingRule = components["schemas"]["IncomingRule"];

const OCTETS = "application/octet-stream";

export const beginIncoming = (agent_id: string, body: IncomingOrder, signal: AbortSignal): Promise<IncomingState> =>
  unwrap(client.POST("/api/v1/agents/{agent_id}/incoming", { params: { path: { agent_id } }, body, signal }));

export const putPiece = (agent_id: string, incoming_id: string, offset: number, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<IncomingState> =>
  unwrap(
    client.PUT("/api/v1/agents/{agent_id}/incoming/{incoming_id}", {
      params: { path: { agent_id, incoming_id }, query: { offset } },
      headers: { "Content-Type": OCTETS },
      body: bytes as unknown as string, // as the description calls bytes
      bodySerializer: (body) => body as unknown as BodyInit,
      signal,
    }),
  );

export const finishIncoming = (agent_id: string, incoming_id: string, body: IncomingEnd, signal: AbortSignal): Promise<IncomingDone> =>
  unwrap(client.POST("/api/v1/agents/{agent_id}/incoming/{incoming_id}:finish", { params: { path: { agent_id, incoming_id } }, body, signal }));

export const cancelIncoming = (agent_id: string, incoming_id: string, path: string) =>
  unwrap(client.POST("/api/v1/agents/{agent_id}/incoming/{incoming_id}:cancel", { params: { path: { agent_id, incoming_id } }, body: { path, reason: "" } }));

export interface Taking {
  /** null = the agent is too old to take files. */
  rule: IncomingRule | null;
  /** What comes into the directory is sent by itself. */
  auto: boolean;
}

/** Whether a directory of an agent takes files; asked only where there is a directory. */
export const useTaking = (agent: string | undefined, directory: string) =>
  useQuery({
    queryKey: ["files", "taking", agent, directory],
    queryFn: async ({ signal }): Promise<Taking> => {
      const level = await fetchLevel(agent ?? "", { path: directory, limit: 1 }, signal);
      return { rule: level.incoming ?? null, auto: level.auto_upload };
    },
    enabled: agent !== undefined && directory !== "",
    staleTime: 60_000,
  });
