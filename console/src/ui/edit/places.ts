import type { Document, Json } from "../../api/configs";

/** Reads and changes places of a document, as forms do it. Pure. */

export type Place = readonly (string | number)[];

export const pointerOf = (place: Place): string =>
  place.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

export const isBlock = (value: Json | undefined): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);

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
