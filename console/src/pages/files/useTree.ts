import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { fetchLevel, type FileNode } from "../../api/files";
import type { Branch, TreeItem } from "../../ui/tree/flatten";
import { trailOf } from "./usePlace";

export interface NodeItem extends TreeItem {
  node: FileNode;
}

type Branches = ReadonlyMap<string, Branch<NodeItem>>;

/** Nodes fetched at a time. */
const PAGE = 500;
/** The top of the tree: the watched directories. */
export const TOP = "";

const itemOf = (node: FileNode): NodeItem => ({
  key: node.path,
  name: node.name,
  branch: node.kind === "dir" || node.kind === "root",
  node,
});

/** The tree of one agent: levels are fetched when they are opened, and page by page as they come into sight. */
export function useTree(agent: string | undefined, path: string | undefined, version: number) {
  const [branches, setBranches] = useState<Branches>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [about, setAbout] = useState<{ asOf: string; stale: boolean; roots: readonly string[] } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const cursors = useRef(new Map<string, string | null>());
  const busy = useRef(new Set<string>());
  const life = useRef(new AbortController());

  const load = useCallback(
    async (parent: string, fresh: boolean): Promise<void> => {
      if (!agent || busy.current.has(parent)) return;
      const { signal } = life.current;
      busy.current.add(parent);
      const cursor = fresh ? null : (cursors.current.get(parent) ?? null);
      try {
        const query = { path: parent, gone: false, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
        const level = await fetchLevel(agent, query, signal);
        cursors.current.set(parent, level.next_cursor);
        const items = level.items.map(itemOf);
        setBranches((old) => {
          const before = cursor === null ? [] : (old.get(parent)?.items ?? []);
          return new Map(old).set(parent, { items: [...before, ...items], more: level.next_cursor !== null, state: "ready" });
        });
        setAbout({ asOf: level.as_of, stale: level.stale, roots: level.roots });
        setError(null);
        if (parent === TOP) setOpen((old) => (old.size ? old : new Set(items.slice(0, 3).map(({ key }) => key))));
      } catch (cause) {
        if (signal.aborted) return;
        if (parent === TOP) setError(cause);
        setBranches((old) => new Map(old).set(parent, { items: old.get(parent)?.items ?? [], more: false, state: "failed" }));
      } finally {
        busy.current.delete(parent);
      }
    },
    [agent],
  );

  useEffect(() => {
    life.current = new AbortController();
    busy.current = new Set();
    cursors.current = new Map();
    setBranches(new Map());
    setOpen(new Set());
    setAbout(null);
    setError(null);
    void load(TOP, true);
    const { current } = life;
    return () => current.abort();
  }, [load]);

  const roots = about?.roots;
  useEffect(() => {
    if (!path || !roots?.length) return;
    const trail = trailOf(path, roots);
    setOpen((old) => (trail.slice(0, -1).every((key) => old.has(key)) ? old : new Set([...old, ...trail.slice(0, -1)])));
  }, [path, roots]);

  // what is open and not there yet is fetched; a level that was cut off by an act is fetched anew
  useEffect(() => {
    for (const key of open) if (!branches.has(key)) void load(key, true);
  }, [open, branches, load]);
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    for (const [key, { items }] of branches) if (items.length <= PAGE) void load(key, true);
  }, [version, branches, load]);

  const toggle = useCallback((key: string): void => {
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const fetchMore = useCallback((parent: string): void => void load(parent, !cursors.current.get(parent)), [load]);
  return useMemo(
    () => ({ branches, open, about, error, toggle, fetchMore, reload: () => void load(TOP, true) }),
    [branches, open, about, error, toggle, fetchMore, load],
  );
}
