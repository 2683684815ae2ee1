import { useMemo, useState } from "react";
import { keep, keptObject } from "../../app/kept";
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

export function useColumns<T>(list: string, columns: readonly Column<T>[]): Columns<T> {
  const name = `gwf.columns.${list}`;
  const [choice, setChoice] = useState(() => keptObject(name) as Choice);
  const choose = (next: Choice): void => {
    setChoice(next);
    keep(name, next);
  };
  return useMemo(() => {
    const isShown = (key: string): boolean => {
      const column = columns.find((one) => one.key === key);
      return column?.primary === true || (choice[key] ?? column?.optional !== true);
    };
    return {
      shown: columns.filter(({ key }) => isShown(key)),
      isShown,
      toggle: (key) => choose({ ...choice, [key]: !isShown(key) }),
      reset: () => choose({}),
      changed: Object.keys(choice).length > 0,
      keys: Object.keys(choice).length > 0 ? columns.filter(({ key }) => isShown(key)).map(({ key }) => key) : null,
      put: (keys) => choose(keys === null ? {} : Object.fromEntries(columns.map(({ key }) => [key, keys.includes(key)]))),
    };
  }, [columns, choice, name]);
}
