import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type FilesSearch, readSearch } from "./routes";

/** What of the address belongs to one file or one list: gone with the next path. */
const OF_ONE = ["q", "line", "find", "re", "case", "level", "ctx", "enc", "state", "error_class", "size", "age", "auto", "sort", "sel", "view"] as const;

export interface Place {
  search: FilesSearch;
  /** Change parts of the address. */
  set: (change: Partial<Record<keyof FilesSearch, unknown>>, replace?: boolean) => void;
  /** Go to another path, or another agent. */
  go: (to: { agent?: string | undefined; path?: string | undefined }) => void;
}

export function usePlace(): Place {
  const given = useSearch({ from: "/files" });
  const search = useMemo(() => readSearch(given as Record<string, unknown>), [given]);
  const navigate = useNavigate();
  const set = useCallback<Place["set"]>(
    (change, replace = false) =>
      void navigate({ to: ".", search: ((old: object) => cleaned({ ...old, ...change })) as never, replace, resetScroll: false }),
    [navigate],
  );
  const go = useCallback<Place["go"]>((to) => set({ ...Object.fromEntries(OF_ONE.map((key) => [key, undefined])), ...to }), [set]);
  return { search, set, go };
}

const cleaned = (search: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)),
  );

/** The directory that a path lies in; "" above the watched ones. */
export function parentOf(path: string, roots: readonly string[]): string {
  if (roots.includes(path)) return "";
  const at = path.lastIndexOf("/");
  return at > 0 ? path.slice(0, at) : "";
}

/** Every directory from the watched one down to the one that holds `path`. */
export function trailOf(path: string, roots: readonly string[]): string[] {
  const root = roots.filter((one) => path === one || path.startsWith(`${one}/`)).toSorted((a, b) => a.length - b.length)[0];
  if (root === undefined) return [];
  const names = path.slice(root.length).split("/").filter(Boolean);
  return [root, ...names.map((_, index) => `${root}/${names.slice(0, index + 1).join("/")}`)];
}
