import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { usePolling } from "../live/useLive";
import { useMe } from "./account";
import { fetchDataDir, fetchDeadLetters, fetchFile, fetchFiles, fetchOverview, type FileFilter, RequestError } from "./client";

/** How the edge of this process is; not asked where there is none. */
export function useOverview() {
  const { data: me, error } = useMe();
  const stranger = error instanceof RequestError && error.status === 401;
  return useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => fetchOverview(signal),
    enabled: me ? me.process.has_edge : me === null || (error !== null && !stranger),
    refetchInterval: usePolling("detail"),
  });
}

export const useFiles = (filter: FileFilter) =>
  useInfiniteQuery({
    queryKey: ["files", filter],
    queryFn: ({ pageParam, signal }) => fetchFiles(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling("list"),
  });

export const useDeadLetters = () =>
  useQuery({
    queryKey: ["overview", "dead"],
    queryFn: ({ signal }) => fetchDeadLetters(signal),
    refetchInterval: usePolling("list"),
  });

/** Never changes while the process lives; asked for again when the page is opened anew. */
export const useDataDir = () =>
  useQuery({
    queryKey: ["data-dir"],
    queryFn: ({ signal }) => fetchDataDir(signal),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.status === "error" ? 3_000 : false),
  });

export const useFile = (id: number | undefined) =>
  useQuery({
    queryKey: ["files", "one", id],
    queryFn: ({ signal }) => fetchFile(id ?? 0, signal),
    enabled: id !== undefined,
  });
