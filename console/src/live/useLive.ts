import { useSyncExternalStore } from "react";
import { RequestError } from "../api/client";
import { feed } from "./feed";
import type { LiveKind, LiveState } from "./LiveFeed";
import { everyMs, type Pace } from "./pace";

export const useLive = (): LiveState => useSyncExternalStore(feed.subscribe, feed.snapshot);

const kindNow = (): LiveKind => feed.snapshot().kind;

/** How the page hears of changes; what uses only this is not drawn anew with every second and every hint. */
export const useLiveKind = (): LiveKind => useSyncExternalStore(feed.subscribe, kindNow);

/** A failed request is tried again by itself this often. */
const AGAIN_MS = 3_000;

/** Who asks and what is there do not change by asking again. */
const FINAL = new Set([401, 403, 404]);

type Interval = (query: { state: { status: string; error: Error | null } }) => number | false;

/** `refetchInterval` of a query: poll while nobody tells of changes; rarely otherwise; not at all while paused. */
export function usePolling(kind: Pace): Interval {
  const live = useLiveKind();
  return ({ state }) => {
    if (live === "paused") return false;
    if (state.error instanceof RequestError && FINAL.has(state.error.status)) return false;
    if (state.status === "error") return AGAIN_MS;
    return everyMs(kind, live);
  };
}
