import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../../../api/account";
import { client, unwrap } from "../../../api/client";
import type { FleetOverview } from "../../../api/fleet";
import { keep, kept } from "../../../app/kept";
import { serverNow } from "../../../live/now";

/** How far a new centre is: judged by what it knows, not by what was clicked. */

export interface Steps {
  agents: boolean;
  files: boolean;
  /** null = the reader may not see configurations: no step for them. */
  config: boolean | null;
}

/** How far back a delivered file is looked for. */
const LOOKED_BACK_MS = 90 * 86_400_000;
const HIDDEN = "gwf.guide.hidden";

/** What is done of the first steps; undefined while that is not known. */
export function useSteps(overview: FleetOverview | undefined, enabled: boolean): Steps | undefined {
  const may = useMay();
  const mayConfig = may("config:read");
  const agents = (overview?.scope.agents ?? 0) > 0;
  const now = (overview?.upload.done ?? 0) > 0;
  const asked = enabled && overview !== undefined;
  const ever = useQuery({
    queryKey: ["health", "first", "files"],
    queryFn: async ({ signal }) => {
      const since = new Date(serverNow() - LOOKED_BACK_MS).toISOString();
      const page = await unwrap(client.GET("/api/v1/file-events", { params: { query: { status: ["done"], since, limit: 1 } }, signal }));
      return page.items.length > 0;
    },
    enabled: asked && agents && !now && may("events:read"),
    staleTime: 5_000,
    refetchInterval: ({ state }) => (state.data ? false : 5_000),
  });
  const config = useQuery({
    queryKey: ["rollouts", "first", "config"],
    queryFn: async ({ signal }) => (await unwrap(client.GET("/api/v1/config-layers", { signal }))).items.some(({ current }) => current !== null),
    enabled: asked && mayConfig,
    staleTime: 5_000,
    refetchInterval: ({ state }) => (state.data ? false : 15_000),
  });
  const files = now || (ever.data ?? (agents && ever.isFetching ? undefined : false));
  const configured = mayConfig ? (config.data ?? (config.error ? null : undefined)) : null;
  if (overview === undefined || files === undefined || configured === undefined) return undefined;
  return { agents, files, config: configured };
}

/** How many steps are left. */
export const left = ({ agents, files, config }: Steps): number => [agents, files, config].filter((one) => one === false).length;

/** Whether a reader put the guide away; a centre without agents shows it all the same. */
export function useHidden(): [hidden: boolean, hide: () => void] {
  const [hidden, setHidden] = useState(() => kept(HIDDEN) !== undefined);
  const hide = (): void => {
    setHidden(true);
    keep(HIDDEN, 1);
  };
  return [hidden, hide];
}
