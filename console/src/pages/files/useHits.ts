import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type ContentQuery, fetchContent, type FileContent, type LogLine } from "../../api/files";
import { filled } from "../../ui/log/lines";
import { type FilesSearch, USUAL_CONTEXT } from "./routes";

const LINES = 300;

export interface Hits {
  lines: readonly LogLine[];
  /** The first answer: counts of the whole file. */
  first: FileContent | undefined;
  pending: boolean;
  fetching: boolean;
  error: Error | null;
  refetch: () => void;
  more: boolean;
  fetchMore: () => void;
  /** Fetch lines between two that were found. */
  expand: (after: number, before: number) => void;
}

export const isSearching = ({ find }: FilesSearch): boolean => find === "1";

/** Lines that hold a text or have a level, page after page, with what was opened between them. */
export function useHits(agent: string, path: string, search: FilesSearch, from: number): Hits {
  const { q = "", level = [] } = search;
  const query: ContentQuery = {
    path,
    q,
    regex: search.re === "1",
    case_sensitive: search.case === "1",
    level: level as NonNullable<ContentQuery["level"]>,
    context: search.ctx ?? USUAL_CONTEXT,
    limit: LINES,
    ...(search.enc ? { encoding: search.enc } : {}),
  };
  const key = ["file-hits", agent, query, from];
  const found = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchContent(agent, { ...query, offset: pageParam }, signal),
    initialPageParam: from,
    getNextPageParam: (page) => page.search?.next_offset ?? undefined,
    placeholderData: keepPreviousData,
    enabled: isSearching(search) && (q !== "" || level.length > 0),
    staleTime: 30_000,
    retry: false,
  });
  const [extra, setExtra] = useState<{ key: string; lines: readonly LogLine[] }>({ key: "", lines: [] });
  const mark = JSON.stringify(key);
  const lines = useMemo(() => {
    const all = (found.data?.pages ?? []).flatMap((page) => page.lines);
    return filled(all, extra.key === mark ? extra.lines : []);
  }, [found.data, extra, mark]);
  return {
    lines,
    first: found.data?.pages[0],
    pending: found.isPending,
    fetching: found.isFetching,
    error: found.error,
    refetch: () => void found.refetch(),
    more: found.hasNextPage,
    fetchMore: () => void (found.isFetchingNextPage || found.fetchNextPage()),
    expand: (after, before) => {
      void fetchContent(agent, { path, line: after + 1, ...(search.enc ? { encoding: search.enc } : {}) }, new AbortController().signal).then((window) => {
        const between = window.lines.filter(({ number }) => typeof number === "number" && number > after && number < before);
        setExtra((old) => ({ key: mark, lines: [...(old.key === mark ? old.lines : []), ...between] }));
      });
    },
  };
}
