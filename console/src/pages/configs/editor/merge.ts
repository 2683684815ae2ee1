import type { Document, Json } from "../../../api/configs";
import { pointerOf } from "./tree";

/** Lays one's own changes over those that somebody else wrote meanwhile. Pure. */

/** A place that both changed, each to something else. */
export interface Clash {
  pointer: string;
  /** undefined = not set. */
  before: Json | undefined;
  mine: Json | undefined;
  theirs: Json | undefined;
}

export type Side = "mine" | "theirs";

export interface Merged {
  document: Document;
  /** In the order of the document. */
  clashes: Clash[];
}

type Path = readonly string[];
type Sides = readonly [before: Json | undefined, mine: Json | undefined, theirs: Json | undefined];

const isBlock = (value: Json | undefined): value is Document => typeof value === "object" && value !== null && !Array.isArray(value);

/** Blocks are compared key by key; lists and values are one thing each. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (isBlock(one) && isBlock(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => same(one[key], other[key]));
  }
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, place) => same(item, other[place]));
  return one === other;
}

/** What both changed alike or only one of them counts as it is; where they clash, the side that was chosen, else mine. */
export function merge(before: Document, mine: Document, theirs: Document, chosen: Readonly<Record<string, Side>> = {}): Merged {
  const clashes: Clash[] = [];
  const decide = (path: Path, [old, own, other]: Sides): Json | undefined => {
    if (same(own, other) || same(other, old)) return own;
    if (same(own, old)) return other;
    if (isBlock(own) && isBlock(other)) return block(path, [isBlock(old) ? old : {}, own, other]);
    const pointer = pointerOf(path);
    clashes.push({ pointer, before: old, mine: own, theirs: other });
    return chosen[pointer] === "theirs" ? other : own;
  };
  const block = (path: Path, [old, own, other]: readonly [Document, Document, Document]): Document => {
    const found: Document = {};
    for (const key of new Set([...Object.keys(other), ...Object.keys(own)])) {
      const value = decide([...path, key], [old[key], own[key], other[key]]);
      if (value !== undefined) found[key] = value;
    }
    return found;
  };
  return { document: block([], [before, mine, theirs]), clashes };
}
