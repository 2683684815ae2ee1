import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLive } from "../live/useLive";
import { fetchDataDir, fetchDeadLetters, fetchFile, fetchFiles, fetchOverview, type FileFilter } from "./client";

/** A failed request is tried again by itself this often. */
const AGAIN_MS = 3_000;

/** Poll while nobody tells us of changes; rarely otherwise, because rates and ages change without an event. */
function usePolling(milliseconds: number): (query: { state: { status: string } }) => number | false {
  const { kind } = useLive();
  return ({ state }) => {
    if (kind === "paused") return false;
    if (state.status === "error") return AGAIN_MS;
    return kind === "live" ? milliseconds * 4 : milliseconds;
  };
}

export const useOverview = () =>
  useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => fetchOverview(signal),
    refetchInterval: usePolling(5_000),
  });

export const useFiles = (filter: FileFilter) =>
  useInfiniteQuery({
    queryKey: ["files", filter],
    queryFn: ({ pageParam, signal }) => fetchFiles(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(15_000),
  });

export const useDeadLetters = () =>
  useQuery({
    queryKey: ["overview", "dead"],
    queryFn: ({ signal }) => fetchDeadLetters(signal),
    refetchInterval: usePolling(15_000),
  });

/** Never changes while the process lives; asked for again when the page is opened anew. */
export const useDataDir = () =>
  useQuery({
    queryKey: ["data-dir"],
    queryFn: ({ signal }) => fetchDataDir(signal),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.status === "error" ? AGAIN_MS : false),
  });

export const useFile = (id: number | undefined) =>
  useQuery({
    queryKey: ["files", "one", id],
    queryFn: ({ signal }) => fetchFile(id ?? 0, signal),
    enabled: id !== undefined,
  });
