import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMay, useMe } from "./account";
import { client, unwrap } from "./client";

/** An object that fits what was typed into the palette. */
export interface Found {
  id: string;
  label: string;
  path: string;
}

const MOST = 6;
const LEAST_CHARS = 2;

async function findAgents(text: string, signal: AbortSignal): Promise<Found[]> {
  const page = await unwrap(client.GET("/api/v1/agents", { params: { query: { text, limit: MOST } }, signal }));
  return page.items.map(({ agent_id, hostname }) => ({ id: agent_id, label: hostname, path: `/agents/${agent_id}` }));
}

/** Agents by host name, id, address or label; [] while little is typed, or where there are none to see. */
export function useFound(typed: string): readonly Found[] {
  const { data: me } = useMe();
  const may = useMay();
  const text = typed.trim().slice(0, 200);
  const asked = useQuery({
    queryKey: ["agents", "found", text],
    queryFn: ({ signal }) => findAgents(text, signal),
    enabled: text.length >= LEAST_CHARS && me?.process.has_centre === true && may("fleet:read"),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return text.length >= LEAST_CHARS ? (asked.data ?? []) : [];
}
