import { checkDocument, CONFIG_KEY, type Document, type DocumentCheck } from "../../../api/configs";
import { type Edited, useDocument } from "../../../ui/edit/useDocument";

export type { EditView } from "../../../ui/edit/useDocument";

/** A version of a layer while it is written. */
export type Draft = Edited<DocumentCheck>;

export const useDraft = (layer: string, start: { text: string; document: Document }): Draft =>
  useDocument<DocumentCheck>({
    queryKey: [CONFIG_KEY, "check", layer],
    start,
    check: (sent, signal) => checkDocument(layer, sent, signal),
    judged: ({ text, document }) => ({ text, document: document as Document | null }),
  });
