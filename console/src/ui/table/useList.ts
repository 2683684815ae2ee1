import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { usePolling } from "../../live/useLive";
import type { List } from "./types";

/** What a page of a list must tell; areas make it from the answer of their endpoint. */
export interface ListPage<T> {
  items: T[];
  next: string | null;
  total?: number | null;
  atLeast?: boolean;
}

interface Options<T, P extends ListPage<T>> {
  /** Its first word is the topic whose hints renew the list. */
  queryKey: readonly unknown[];
  fetch: (cursor: string | null, signal: AbortSignal) => Promise<P>;
  keyOf: (row: T) => string;
  enabled?: boolean;
}

/** Renewing asks for every loaded page again; a longer list waits until the reader asks. */
const MOST_RENEWED = 5;

/** A keyset-paged list of the server; `first` is the first page with what else its answer told (facets, counts). */
export function useList<T, P extends ListPage<T>>({ queryKey, fetch, keyOf, enabled = true }: Options<T, P>): List<T> & { first: P | undefined } {
  const polling = usePolling("list");
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetch(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled: ({ state }) => enabled && (state.data?.pages.length ?? 0) <= MOST_RENEWED,
    staleTime: ({ state }) => ((state.data?.pages.length ?? 0) > MOST_RENEWED ? Number.POSITIVE_INFINITY : 1_000),
    refetchInterval: polling,
  });
  const pages = query.data?.pages;
  const long = (pages?.length ?? 0) > MOST_RENEWED;
  // a row that moved between two requests can be on two pages: the later answer counts
  const rows = useMemo(
    () => [...new Map((pages ?? []).flatMap(({ items }) => items).map((row) => [keyOf(row), row])).values()],
    [pages, keyOf],
  );
  const first = pages?.[0];
  return {
    rows,
    first,
    total: first?.total ?? (query.data && !query.hasNextPage ? rows.length : null),
    atLeast: first?.atLeast ?? false,
    more: query.hasNextPage,
    fetchMore: () => void query.fetchNextPage(),
    fetchingMore: query.isFetchingNextPage,
    pending: query.isPending,
    placeholder: query.isPlaceholderData,
    outdated: long && query.isStale,
    error: query.error ?? (pages === undefined ? query.failureReason : null),
    fetchedAt: query.dataUpdatedAt,
    refetch: () => void query.refetch(),
    all: async (most, signal) => {
      const found: T[] = [];
      let cursor: string | null = null;
      do {
        const page: P = await fetch(cursor, signal);
        found.push(...page.items);
        cursor = page.next;
      } while (cursor !== null && found.length < most);
      return found.slice(0, most);
    },
  };
}
