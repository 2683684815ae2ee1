import type { FlowInput, RunWish } from "../../api/flows";
import type { Document } from "../../api/configs";
import { isBlock } from "../../ui/edit/places";

/** Values that runs are begun with, as people type them. Pure. */

export type Given = NonNullable<RunWish["input"]>;

/** Numbers, flags and JSON as such; anything else is a text. */
export function valueOf(text: string): Given[string] {
  try {
    return JSON.parse(text) as Given[string];
  } catch {
    return text; // what is no JSON is meant as it stands
  }
}

/** A value as it would be typed; a text that could be taken for something else stands in quotes. */
export function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" && valueOf(value) === value ? value : JSON.stringify(value);
}

/** What was typed, without what was left empty. */
export const givenOf = (typed: Readonly<Record<string, string>>): Given => Object.fromEntries(Object.entries(typed).filter(([, text]) => text !== "").map(([name, text]) => [name, valueOf(text)]));

/** What the document of a flow lets its runs be begun with. */
export function inputsOf(document: Document | null): FlowInput[] {
  const declared = document?.["input"];
  if (!isBlock(declared)) return [];
  return Object.entries(declared).map(([name, one]) => {
    const { description, required, default: usual } = isBlock(one) ? one : {};
    return { name, description: typeof description === "string" ? description : "", required: required === true, default: usual ?? null };
  });
}
