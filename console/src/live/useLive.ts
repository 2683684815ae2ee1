import { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { baseUrl, RequestError } from "../api/client";
import { LiveFeed, type LiveState } from "./feed";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) => count < 1 && error instanceof RequestError && error.status !== 404,
      retryDelay: 1_000,
      refetchOnWindowFocus: false,
    },
  },
});

const AGAIN_MS = 1_000;

/** Ask anew for everything of a topic; null = for everything. */
function refresh(topic: string | null): void {
  const filter = topic === null ? {} : { queryKey: [topic] };
  // a first request on its way is not sent anew, and its answer may be older than this hint
  const unanswered = queryClient.isFetching({ ...filter, predicate: ({ state }) => state.data === undefined }) > 0;
  void queryClient.invalidateQueries(filter);
  if (unanswered) setTimeout(() => refresh(topic), AGAIN_MS);
}

export const feed = new LiveFeed(new URL("api/v1/stream", baseUrl).href, refresh);

queryClient.getQueryCache().subscribe((event) => {
  if (event.type === "updated" && event.action.type === "success") feed.fetched();
});

export const useLive = (): LiveState => useSyncExternalStore(feed.subscribe, feed.snapshot);
