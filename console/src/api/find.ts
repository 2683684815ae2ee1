import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMe } from "./account";
import { client, unwrap } from "./client";
import type { components } from "./schema";

export type Hit = components["schemas"]["SearchHit"];
export type HitKind = Hit["kind"];
export type Findings = components["schemas"]["SearchResult"];

/** Of each kind: the palette shows the best, the lists have all. */
const MOST = 5;
const LEAST_CHARS = 2;

export interface Search {
  findings: Findings | undefined;
  error: Error | null;
  /** An answer to what was typed is on its way. */
  asking: boolean;
  again: () => void;
}

/** Things of all kinds with a text; nothing is asked while little is typed, or where there is no centre to ask. */
export function useSearchAll(typed: string): Search {
  const { data: me } = useMe();
  const text = typed.trim().slice(0, 200);
  const enabled = (text.length >= LEAST_CHARS || /[^\x00-\x7f]|^#?\d/.test(text)) && me?.process.has_centre === true;
  const asked = useQuery({
    queryKey: ["search", text],
    queryFn: ({ signal }) => unwrap(client.GET("/api/v1/search", { params: { query: { q: text, limit: MOST } }, signal })),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
  return {
    findings: enabled ? asked.data : undefined,
    error: enabled ? asked.error : null,
    asking: enabled && asked.isFetching,
    again: () => void asked.refetch(),
  };
}
