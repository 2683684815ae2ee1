import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Document } from "../../api/configs";
import { useLater } from "../useLater";

export type EditView = "form" | "yaml";

/** What the server says of a document: as YAML, and as values. */
export interface Judged {
  text: string;
  document: Document | null;
}

/** One document in two shapes; the one that was changed last leads, the server makes the other one of it. */
export interface Edited<C> {
  /** What is sent: the text that was typed, or the document of the form. */
  sent: string | Document;
  document: Document | null;
  text: string;
  check: C | undefined;
  checking: boolean;
  error: Error | null;
  /** Asks the server once more, after it did not answer. */
  again: () => void;
  /** Something differs from where it began. */
  dirty: boolean;
  setText: (text: string) => void;
  setDocument: (document: Document) => void;
}

interface Options<C> {
  queryKey: readonly unknown[];
  start: { text: string; document: Document };
  check: (sent: string | Document, signal: AbortSignal) => Promise<C>;
  judged: (check: C) => Judged;
}

const QUIET_MS = 300;

/** A document that is written, judged by the server as soon as nothing was typed for a moment. */
export function useDocument<C>({ queryKey, start, check, judged }: Options<C>): Edited<C> {
  const [sent, setSent] = useState<string | Document>(start.document);
  const [document, setOwn] = useState<Document | null>(start.document);
  const [text, setOwnText] = useState(start.text);
  const later = useLater(sent, QUIET_MS);
  const query = useQuery<C>({
    queryKey: [...queryKey, later],
    queryFn: ({ signal }) => check(later, signal),
    placeholderData: (before) => before as never,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const fresh = query.isPlaceholderData ? undefined : query.data;
  useEffect(() => {
    if (!fresh || later !== sent) return;
    // the other shape follows; what is being typed in stays as it is
    if (typeof later === "string") setOwn(judged(fresh).document);
    else setOwnText(judged(fresh).text);
  }, [fresh, later, sent]);
  return useMemo(
    () => ({
      sent, document, text,
      check: query.data,
      // a check that is repeated for another reader's change keeps its verdict until the new one is there
      checking: query.isPending || query.isPlaceholderData || later !== sent,
      error: query.error,
      again: () => void query.refetch(),
      dirty: typeof sent === "string" ? sent !== start.text : JSON.stringify(sent) !== JSON.stringify(start.document),
      setText: (next: string) => {
        setOwnText(next);
        setSent(next);
      },
      setDocument: (next: Document) => {
        setOwn(next);
        setSent(next);
      },
    }),
    [sent, document, text, query.data, query.isPending, query.isPlaceholderData, query.error, later, start],
  );
}
