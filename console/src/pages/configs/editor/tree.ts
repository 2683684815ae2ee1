import type { Document, Json, Setting } from "../../../api/configs";

/** Reads and changes places of a document, as the form does it. Pure. */

export type Place = readonly (string | number)[];

export const pointerOf = (place: Place): string =>
  place.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const isBlock = (value: Json | undefined): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value of a place; undefined = it is not there. */
export function valueAt(value: Json | undefined, place: Place): Json | undefined {
  let found: Json | undefined = value;
  for (const part of place) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (isBlock(found)) found = found[part];
    else return undefined;
  }
  return found;
}

/** The document with another value at a place; undefined takes it away, with the blocks that become empty by that. */
export function withValue(document: Document, place: Place, value: Json | undefined): Document {
  const changed = put(document, place, value, true);
  return isBlock(changed) ? changed : {};
}

function put(holder: Json | undefined, [part, ...rest]: Place, value: Json | undefined, top: boolean): Json | undefined {
  if (part === undefined) return value;
  if (typeof part === "number") {
    const items: Json[] = Array.isArray(holder) ? [...holder] : [];
    const inner = put(items[part], rest, value, false);
    // an item of a list stays when it becomes empty: its place has a meaning
    if (inner === undefined && rest.length === 0) items.splice(part, 1);
    else items[part] = inner ?? {};
    return items;
  }
  const block: Document = isBlock(holder) ? { ...holder } : {};
  const inner = put(block[part], rest, value, false);
  const empty = inner === undefined || (value === undefined && isBlock(inner) && Object.keys(inner).length === 0);
  if (empty) delete block[part];
  else block[part] = inner;
  return Object.keys(block).length || top ? block : value === undefined ? undefined : block;
}

/** What somebody typed as the value of a setting; "" = not set. Numbers become numbers, the server judges the rest. */
export function parsed(setting: Setting, typed: string): Json | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  switch (setting.kind) {
    case "whole number":
    case "number":
      return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "true or false":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return typed.split("\n").map((line) => line.trim()).filter(Boolean);
    default:
      return text;
  }
}

/** A value as its control shows it; null = no control can. */
export function typedOf(setting: Setting, value: Json | undefined): string | null {
  if (value === undefined || value === null) return "";
  if (setting.kind === "list") {
    return Array.isArray(value) && value.every((item) => typeof item !== "object") ? value.map(String).join("\n") : null;
  }
  return typeof value === "object" ? null : String(value);
}

/** Blocks of keys under a list or a map. */
export const holdsBlocks = (setting: Setting): boolean => setting.item?.kind === "section";

/** How many values below a place are set. */
export function countOf(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (Array.isArray(value)) return value.some((item) => isBlock(item)) ? value.reduce<number>((sum, item) => sum + countOf(item), 0) : 1;
  return isBlock(value) ? Object.values(value).reduce<number>((sum, item) => sum + countOf(item), 0) : 1;
}

/** The default of a setting in words; null = none. */
export function defaultOf({ default: value }: Setting): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length ? value.join(" · ") : null;
  return typeof value === "object" ? null : String(value);
}
