import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { checkDocument, CONFIG_KEY, type Document, type DocumentCheck } from "../../../api/configs";
import { useLater } from "../../../ui/useLater";

export type EditView = "form" | "yaml";

/** One document in two shapes; the one that was changed last leads, the server makes the other one of it. */
export interface Draft {
  /** What is sent: the text that was typed, or the document of the form. */
  sent: string | Document;
  document: Document | null;
  text: string;
  check: DocumentCheck | undefined;
  checking: boolean;
  error: Error | null;
  /** Something differs from where it began. */
  dirty: boolean;
  setText: (text: string) => void;
  setDocument: (document: Document) => void;
}

const QUIET_MS = 300;

export function useDraft(layer: string, start: { text: string; document: Document }): Draft {
  const [sent, setSent] = useState<string | Document>(start.document);
  const [document, setOwn] = useState<Document | null>(start.document);
  const [text, setOwnText] = useState(start.text);
  const later = useLater(sent, QUIET_MS);
  const query = useQuery({
    queryKey: [CONFIG_KEY, "check", layer, later],
    queryFn: ({ signal }) => checkDocument(layer, later, signal),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const fresh = query.isPlaceholderData ? undefined : query.data;
  useEffect(() => {
    if (!fresh || later !== sent) return;
    // the other shape follows; what is being typed in stays as it is
    if (typeof later === "string") setOwn(fresh.document as Document | null);
    else setOwnText(fresh.text);
  }, [fresh, later, sent]);
  return useMemo(
    () => ({
      sent, document, text,
      check: query.data,
      checking: query.isFetching || later !== sent,
      error: query.error,
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
    [sent, document, text, query.data, query.isFetching, query.error, later, start],
  );
}
