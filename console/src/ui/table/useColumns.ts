import { useMemo, useState } from "react";
import type { Column } from "./types";

/** Which columns a reader sees of a list; remembered by this browser. */
export interface Columns<T> {
  shown: readonly Column<T>[];
  isShown: (key: string) => boolean;
  toggle: (key: string) => void;
  reset: () => void;
  changed: boolean;
  /** What a saved view keeps: the keys shown, null = the usual ones. */
  keys: readonly string[] | null;
  /** Show what a saved view kept. */
  put: (keys: readonly string[] | null) => void;
}

type Choice = Record<string, boolean>;

function stored(name: string): Choice {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(name) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Choice) : {};
  } catch {
    return {}; // storage switched off or foreign content: the usual columns
  }
}

export function useColumns<T>(list: string, columns: readonly Column<T>[]): Columns<T> {
  const name = `gwf.columns.${list}`;
  const [choice, setChoice] = useState(() => stored(name));
  const keep = (next: Choice): void => {
    setChoice(next);
    try {
      localStorage.setItem(name, JSON.stringify(next));
    } catch {
      // storage switched off: the choice holds for this visit
    }
  };
  return useMemo(() => {
    const isShown = (key: string): boolean => {
      const column = columns.find((one) => one.key === key);
      return column?.primary === true || (choice[key] ?? column?.optional !== true);
    };
    return {
      shown: columns.filter(({ key }) => isShown(key)),
      isShown,
      toggle: (key) => keep({ ...choice, [key]: !isShown(key) }),
      reset: () => keep({}),
      changed: Object.keys(choice).length > 0,
      keys: Object.keys(choice).length > 0 ? columns.filter(({ key }) => isShown(key)).map(({ key }) => key) : null,
      put: (keys) => keep(keys === null ? {} : Object.fromEntries(columns.map(({ key }) => [key, keys.includes(key)]))),
    };
  }, [columns, choice, name]);
}
