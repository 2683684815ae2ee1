import { useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { useMay, useMe } from "./account";
import { client, unwrap } from "./client";
import type { components } from "./schema";

export type FleetOverview = components["schemas"]["FleetOverview"];
export type FleetVerdict = components["schemas"]["VerdictView"];
export type Finding = components["schemas"]["FindingView"];
export type Change = components["schemas"]["ChangeMarker"];
export type EvidenceLink = components["schemas"]["EvidenceLink"];

/** What part of the fleet, and which time, as the address of the page says it. */
export interface Look {
  env: string | undefined;
  group: string | undefined;
  from: string;
  to: string;
}

const queryOf = ({ env, group, from, to }: Look) => ({ from, to, ...(env ? { env } : {}), ...(group ? { group } : {}) });

/** Whether this process has a centre that the reader may look at; undefined = not known yet. */
export function useHasFleet(): boolean | undefined {
  const me = useMe();
  const may = useMay();
  if (me.isPending) return undefined;
  return me.data?.process.has_centre === true && may("fleet:read");
}

export const useFleetOverview = (look: Look, enabled: boolean) =>
  useQuery({
    queryKey: ["health", "fleet", look],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/overview/fleet", { params: { query: queryOf(look) }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("detail"),
    enabled,
  });

export const useVerdict = (look: Look, enabled: boolean) =>
  useQuery({
    queryKey: ["verdict", look],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/verdict", { params: { query: queryOf(look) }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("detail"),
    enabled,
  });

export const useChanges = (look: Look, enabled: boolean) =>
  useQuery({
    queryKey: ["rollouts", "changes", look],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/changes", { params: { query: queryOf(look) }, signal })),
    placeholderData: (old) => old,
    refetchInterval: usePolling("list"),
    enabled,
  });
