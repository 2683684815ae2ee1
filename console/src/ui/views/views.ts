import type { ListState } from "../../app/listSearch";

/** A view that every reader has. */
export interface BuiltinView {
  id: string;
  name: string;
  query: Record<string, string[]>;
}

/** What is kept of a list: text, filters and order, by the names of the address. */
export function queryOf(state: Pick<ListState, "keys" | "values">): Record<string, string[]> {
  const kept = ["q", "sort", ...state.keys].map((key): [string, string[]] => [key, [...state.values(key)]]);
  return Object.fromEntries(kept.filter(([, values]) => values.length > 0));
}

/** The change of the address that shows a view: what it does not name is dropped. */
export function applied(keys: readonly string[], id: string, query: Record<string, string[]>): Record<string, string | string[] | undefined> {
  const change: Record<string, string | string[] | undefined> = { view: id, sel: undefined };
  for (const key of keys) change[key] = query[key];
  for (const key of ["q", "sort"]) change[key] = query[key]?.[0];
  return change;
}
