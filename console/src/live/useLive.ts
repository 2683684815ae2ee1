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

export const feed = new LiveFeed(new URL("api/v1/stream", baseUrl).href, (topic) => {
  void queryClient.invalidateQueries(topic === null ? {} : { queryKey: [topic] });
});

queryClient.getQueryCache().subscribe((event) => {
  if (event.type === "updated" && event.action.type === "success") feed.fetched();
});

export const useLive = (): LiveState => useSyncExternalStore(feed.subscribe, feed.snapshot);
