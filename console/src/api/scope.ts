import { useQuery } from "@tanstack/react-query";
import { useMay, useMe } from "./account";
import { client, unwrap } from "./client";

export interface FleetScope {
  envs: string[];
  groups: { id: string; name: string; agents: number | null }[];
}

/** The label that says to which environment an agent belongs. */
const ENV_LABEL = "env";

/** Most groups that the choice offers; the list of groups has all. */
const MOST = 200;

async function fetchScope(signal: AbortSignal): Promise<FleetScope> {
  const [groups, agents] = await Promise.all([
    unwrap(client.GET("/api/v1/agent-groups", { signal })),
    unwrap(client.GET("/api/v1/agents", { params: { query: { limit: 1, facets: true } }, signal })),
  ]);
  return {
    envs: Object.keys(agents.facets?.labels[ENV_LABEL] ?? {}).toSorted(),
    groups: groups.items.slice(0, MOST).map(({ group_id, name, agents: count }) => ({ id: group_id, name, agents: count })),
  };
}

/** Environments and groups of the fleet; undefined where there is none, or it may not be read. */
export function useGroups(): FleetScope | undefined {
  const me = useMe();
  const may = useMay();
  const asked = useQuery({
    queryKey: ["agents", "scope"],
    queryFn: ({ signal }) => fetchScope(signal),
    staleTime: 60_000,
    enabled: Boolean(me.data) && may("fleet:read"),
  });
  return asked.data;
}
