import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import { fetchAgentAudit, fetchAgentEvents, fetchAttempts } from "../../../api/agents";
import { useRange } from "../../../app/useRange";
import { usePolling } from "../../../live/useLive";
import { type Moment, timelineOf } from "./timeline";

const STEP = 50;
const MOST = 200;
const NOTHING = { items: [], more: false };

/** What happened to an agent in the time range, as far as the reader may see it. */
export function useTimeline(agentId: string): { moments: Moment[]; more: (() => void) | null; error: Error | null; pending: boolean; retry: () => void } {
  const may = useMay();
  const range = useRange();
  const [limit, setLimit] = useState(STEP);
  const common = { placeholderData: keepPreviousData, refetchInterval: usePolling("list") };
  const events = useQuery({
    queryKey: ["agents", "one", agentId, "events", range.from, range.to, limit],
    queryFn: ({ signal }) => fetchAgentEvents(agentId, range.instants(), limit, signal),
    enabled: may("events:read"),
    ...common,
  });
  const audit = useQuery({
    queryKey: ["agents", "one", agentId, "audit", limit],
    queryFn: ({ signal }) => fetchAgentAudit(agentId, null, limit, signal),
    enabled: may("audit:read"),
    ...common,
  });
  const attempts = useQuery({
    queryKey: ["agents", "one", agentId, "attempts", limit],
    queryFn: ({ signal }) => fetchAttempts(agentId, limit, signal),
    enabled: may("config:read"),
    ...common,
  });
  const all = [events, audit, attempts];
  const { moments, more } = useMemo(() => {
    const part = <T>(data: { items: T[]; next_cursor: string | null } | undefined) =>
      data ? { items: data.items, more: data.next_cursor !== null } : NOTHING;
    const found = timelineOf({ events: part(events.data), audit: part(audit.data), attempts: part(attempts.data) });
    const { since, until } = range.instants();
    return { more: found.more, moments: found.moments.filter(({ at }) => at >= since && (range.moving || at < until)) };
  }, [events.data, audit.data, attempts.data, range.from, range.to]);
  return {
    moments,
    more: more && limit < MOST ? () => setLimit(limit + STEP) : null,
    error: all.find(({ error }) => error !== null)?.error ?? null,
    pending: all.some(({ isLoading }) => isLoading),
    retry: () => all.forEach((one) => void (one.error && one.refetch())),
  };
}
