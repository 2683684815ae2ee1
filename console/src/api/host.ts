import { useQuery } from "@tanstack/react-query";
import { client, RequestError, unwrap } from "./client";

/** The host this process runs on, for processes that have an edge. */
export const fetchHost = (limit: number, signal: AbortSignal) =>
  unwrap(client.GET("/api/v1/host", { params: { query: { limit } }, signal }));

/** Which agent of the centre the edge of this very process is; null = it has none, or reports to no centre. */
export const useOwnAgent = () =>
  useQuery({
    queryKey: ["own-agent"],
    queryFn: async ({ signal }) => {
      try {
        return (await unwrap(client.GET("/api/v1/centre", { signal }))).agent_id || null;
      } catch (error) {
        if (error instanceof RequestError && [403, 404].includes(error.status)) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
