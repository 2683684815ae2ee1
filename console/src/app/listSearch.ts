import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { text, texts } from "./search";

/** What a list says in the address, and the way to change it. */
export interface ListState {
  /** Keys of its filters. */
  keys: readonly string[];
  q: string;
  sort: string | undefined;
  /** Key of the open row. */
  sel: string | undefined;
  view: string | undefined;
  /** Chosen values of a filter. */
  values: (key: string) => readonly string[];
  /** Change parts of the address; undefined and empty lists are removed. */
  set: (change: Record<string, string | readonly string[] | undefined>, how?: { replace?: boolean }) => void;
  /** Some filter, or a text, narrows the list. */
  filtered: boolean;
  /** Text and filters as one word: another word is another list. */
  id: string;
}

/** The list's part of the address of the page on screen; `filters` are the keys of its filters. */
export function useListState(filters: readonly string[]): ListState {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const set = useCallback<ListState["set"]>(
    (change, how = {}) =>
      void navigate({
        to: ".",
        search: ((old: Record<string, unknown>) => cleaned({ ...old, ...change })) as never,
        replace: how.replace ?? false,
        resetScroll: false,
      }),
    [navigate],
  );
  const names = filters.join("\n");
  return useMemo(() => {
    const values = (key: string): readonly string[] => texts(search[key]);
    const q = text(search["q"], 500) ?? "";
    const sort = text(search["sort"]);
    const keys = names ? names.split("\n") : [];
    const chosen = keys.map((key) => [key, values(key)] as const);
    return {
      keys,
      q,
      sort,
      sel: text(search["sel"], 500),
      view: text(search["view"]),
      values,
      set,
      filtered: q !== "" || chosen.some(([, some]) => some.length > 0),
      id: JSON.stringify([q, sort, ...["env", "group", "from", "to"].map((key) => search[key]), chosen]),
    };
  }, [search, names, set]);
}

const cleaned = (search: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)),
  );
