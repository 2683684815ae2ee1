import { useCallback, useEffect, useRef, useState } from "react";
import { RequestError } from "../../api/client";
import { type ContentQuery, fetchContent, type FileContent } from "../../api/files";
import { useLiveKind } from "../../live/useLive";
import { append, freshLines, type Piece, pieceOf, prepend } from "../../ui/log/lines";

const WINDOW_BYTES = 64 * 1024;
/** How often the end of the file is looked at while somebody watches. */
const LOOK_MS = 1_000;
const SLOW_MS = 5_000;

export interface Tail {
  piece: Piece | null;
  /** What the last window said of the file. */
  about: FileContent | null;
  error: unknown;
  /** Lines that came in since the reader left the end. */
  fresh: number;
  older: () => void;
  newer: () => void;
  /** Begin anew: at the end, or at a line. */
  restart: (line?: number) => void;
  seen: () => void;
}

interface Options {
  agent: string;
  path: string;
  /** undefined = as the agent finds. */
  encoding: ContentQuery["encoding"] | undefined;
  /** The line to begin at; undefined = the end. */
  first: number | undefined;
  active: boolean;
  following: boolean;
}

/** A window on a file that grows to both sides, and follows what is added. */
export function useTail({ agent, path, encoding, first, active, following }: Options): Tail {
  const [piece, setPiece] = useState<Piece | null>(null);
  const [about, setAbout] = useState<FileContent | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [fresh, setFresh] = useState(0);
  const [begun, setBegun] = useState<{ line: number | undefined; turn: number }>({ line: first, turn: 0 });
  const now = useRef<{ piece: Piece | null; about: FileContent | null; following: boolean }>({ piece, about, following });
  now.current = { piece, about, following };
  const busy = useRef(false);
  const life = useRef(new AbortController());
  const paused = useLiveKind() === "paused";

  const ask = useCallback(
    async (query: Omit<ContentQuery, "path">, take: (window: FileContent) => void): Promise<void> => {
      if (busy.current) return;
      busy.current = true;
      const { signal } = life.current;
      try {
        const window = await fetchContent(agent, { path, max_bytes: WINDOW_BYTES, ...(encoding ? { encoding } : {}), ...query }, signal);
        if (signal.aborted) return;
        take(window);
        setAbout(window);
        setError(null);
      } catch (cause) {
        if (!signal.aborted) setError(cause);
      } finally {
        if (!signal.aborted) busy.current = false;
      }
    },
    [agent, path, encoding],
  );

  useEffect(() => {
    if (!active) return;
    life.current = new AbortController();
    busy.current = false;
    setFresh(0);
    void ask(begun.line === undefined ? {} : { line: begun.line }, (window) => setPiece(pieceOf(window)));
    const { current } = life;
    return () => current.abort();
  }, [ask, begun, active]);

  const restart = useCallback((line?: number) => setBegun(({ turn }) => ({ line, turn: turn + 1 })), []);

  const newer = useCallback((): void => {
    const { piece: old, about: before } = now.current;
    if (!old || !before) return;
    void ask({ offset: old.end }, (window) => {
      if (window.generation !== before.generation || window.size_bytes < old.end) {
        restart(); // another file took the path, or it was cut
        return;
      }
      const next = pieceOf(window);
      if (next.lines.length === 0 && old.atEnd === next.atEnd) return;
      const { following: atEnd } = now.current;
      if (!atEnd && old.atEnd) setFresh((count) => count + freshLines(old, next));
      setPiece(append(old, next, atEnd));
    });
  }, [ask, restart]);

  const older = useCallback((): void => {
    const { piece: old } = now.current;
    if (!old || old.atStart) return;
    void ask({ offset: old.start, direction: "backward" }, (window) => setPiece(prepend(old, pieceOf(window))));
  }, [ask]);

  const live = active && !paused && piece?.atEnd === true && about !== null && !about.compressed && !about.binary;
  const slow = error !== null;
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") newer();
    }, slow ? SLOW_MS : LOOK_MS);
    return () => clearInterval(timer);
  }, [live, slow, newer]);

  const shown = error instanceof RequestError && error.code === "agent_busy" && piece ? null : error;
  return { piece, about, error: shown, fresh, older, newer, restart, seen: () => setFresh(0) };
}
