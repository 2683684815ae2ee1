import { useSyncExternalStore } from "react";
import { RequestError } from "../api/client";
import { feed } from "./feed";
import type { LiveState } from "./LiveFeed";

export const useLive = (): LiveState => useSyncExternalStore(feed.subscribe, feed.snapshot);

/** How often is asked while no stream tells of changes. */
const EVERY_MS = { detail: 5_000, list: 15_000, report: 60_000 } as const;

/** A failed request is tried again by itself this often. */
const AGAIN_MS = 3_000;

/** With a stream, asking is only for what changes without an event: rates and ages. */
const CALM = 4;

/** Who asks and what is there do not change by asking again. */
const FINAL = new Set([401, 403, 404]);

type Interval = (query: { state: { status: string; error: Error | null } }) => number | false;

/** `refetchInterval` of a query: poll while nobody tells of changes; rarely otherwise; not at all while paused. */
export function usePolling(kind: keyof typeof EVERY_MS): Interval {
  const { kind: live } = useLive();
  return ({ state }) => {
    if (live === "paused") return false;
    if (state.error instanceof RequestError && FINAL.has(state.error.status)) return false;
    if (state.status === "error") return AGAIN_MS;
    return live === "live" ? EVERY_MS[kind] * CALM : EVERY_MS[kind];
  };
}
