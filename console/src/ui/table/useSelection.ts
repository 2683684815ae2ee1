import { useMemo, useState } from "react";
import type { Selection } from "./types";

export interface Selecting<T> extends Selection<T> {
  has: (key: string) => boolean;
  toggle: (key: string) => void;
  /** All rows between the last one touched and this one. */
  extend: (key: string) => void;
  /** The loaded rows, all or none. */
  toggleLoaded: () => void;
  /** All that the filter finds, loaded or not. */
  takeEverything: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/** `list` names the list: another filter begins without a selection. */
export function useSelection<T>(rows: readonly T[], keyOf: (row: T) => string, list: string, total: number | null): Selecting<T> {
  const [state, setState] = useState({ list, keys: NONE, everything: false, last: "" });
  const valid = state.list === list;
  const keys = valid ? state.keys : NONE;
  const everything = valid && state.everything;
  return useMemo(() => {
    const order = rows.map(keyOf);
    const put = (next: ReadonlySet<string>, last = "", all = false): void =>
      setState({ list, keys: next, everything: all, last });
    const chosen = everything ? [...rows] : rows.filter((row) => keys.has(keyOf(row)));
    return {
      rows: chosen,
      keys: chosen.map(keyOf),
      everything,
      count: everything ? (total ?? chosen.length) : chosen.length,
      clear: () => put(NONE),
      has: (key) => everything || keys.has(key),
      toggle: (key) => {
        const next = new Set(everything ? order : keys);
        if (!next.delete(key)) next.add(key);
        put(next, key);
      },
      extend: (key) => {
        const [a, b] = [order.indexOf(state.last), order.indexOf(key)];
        const range = a < 0 ? [key] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
        put(new Set([...keys, ...range]), key);
      },
      toggleLoaded: () => put(order.every((key) => keys.has(key)) || everything ? NONE : new Set(order)),
      takeEverything: () => put(new Set(order), "", true),
    };
  }, [rows, keyOf, keys, everything, list, total, state.last]);
}
