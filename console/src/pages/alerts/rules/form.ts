import { createContext, useContext } from "react";
import type { Document, Json } from "../../../api/configs";

/** What the parts of a form about a document of alerts share. */

export interface Draft {
  document: Document;
  setDocument: (document: Document) => void;
}

export const AlertDraft = createContext<Draft | null>(null);

/** One key of the document. */
export function useKey(key: string): { value: Json | undefined; set: (value: Json | undefined) => void } {
  const draft = useContext(AlertDraft);
  if (!draft) throw new Error("a part of the form stands outside of it");
  return {
    value: draft.document[key],
    set: (value) => {
      const { [key]: _, ...rest } = draft.document;
      draft.setDocument(value === undefined ? rest : { ...draft.document, [key]: value });
    },
  };
}

/** Names that stand in one field, with commas between. */
export const namesOf = (typed: string): string[] => typed.split(",").map((name) => name.trim()).filter(Boolean);

export const namesText = (value: Json | undefined): string => (Array.isArray(value) ? value.map(String).join(", ") : typeof value === "string" ? value : "");

/** How a rule comes to fire: at the first event, at many, or when none comes. */
export type Way = "once" | "count" | "absent";

export const wayOf = (document: Document): Way => (document["threshold"] !== undefined ? "count" : document["absent"] !== undefined && document["absent"] !== null ? "absent" : "once");

/** The document with another way to fire; what only belongs to another one goes. */
export function withWay(document: Document, way: Way): Document {
  const { threshold: _, absent: __, ...rest } = document;
  if (way === "count") return { ...rest, threshold: { count: 5, within: "5m" } };
  return way === "absent" ? { ...rest, absent: "10m" } : rest;
}

/** Labels as lines of `name = template`, and back. */
export const labelLines = (value: Json | undefined): string =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value).map(([name, text]) => `${name} = ${String(text)}`).join("\n") : "";

export function labelsOfLines(typed: string): Json | undefined {
  const found: Record<string, Json> = {};
  for (const line of typed.split("\n")) {
    if (line.trim() === "") continue;
    const at = line.indexOf("=");
    found[(at < 0 ? line : line.slice(0, at)).trim()] = at < 0 ? "" : line.slice(at + 1).trim();
  }
  return Object.keys(found).length ? found : undefined;
}
