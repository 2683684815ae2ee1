/** The tree as lines: what is open, in order. Pure. */

export interface TreeItem {
  key: string;
  name: string;
  /** It may have children: it can be opened. */
  branch: boolean;
}

/** What is known of the children of one node. */
export interface Branch<T extends TreeItem> {
  items: readonly T[];
  /** Further children exist that were not fetched. */
  more: boolean;
  state: "loading" | "ready" | "failed";
}

export type TreeLine<T extends TreeItem> =
  | { kind: "item"; key: string; depth: number; item: T; open: boolean; place: number; of: number }
  | { kind: "more" | "loading" | "failed" | "empty"; key: string; depth: number; parent: string };

/** Lines of everything that is open below `root`; a walk without recursion, so that depth costs nothing. */
export function linesOf<T extends TreeItem>(
  root: string,
  branches: ReadonlyMap<string, Branch<T>>,
  open: ReadonlySet<string>,
): TreeLine<T>[] {
  const lines: TreeLine<T>[] = [];
  const stack: { parent: string; at: number; depth: number }[] = [{ parent: root, at: 0, depth: 0 }];
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const { parent, depth } = frame;
    const branch = branches.get(parent);
    const item = branch?.items[frame.at];
    if (item === undefined) {
      stack.pop();
      const tail = tailOf(branch);
      if (tail) lines.push({ kind: tail, key: `${tail} ${parent}`, depth, parent });
      continue;
    }
    const isOpen = item.branch && open.has(item.key);
    const of = branch?.items.length ?? 0;
    lines.push({ kind: "item", key: item.key, depth, item, open: isOpen, place: frame.at + 1, of });
    frame.at += 1;
    if (isOpen) stack.push({ parent: item.key, at: 0, depth: depth + 1 });
  }
  return lines;
}

function tailOf<T extends TreeItem>(branch: Branch<T> | undefined): "more" | "loading" | "failed" | "empty" | null {
  if (!branch) return "loading";
  if (branch.state !== "ready") return branch.state;
  if (branch.more) return "more";
  return branch.items.length === 0 ? "empty" : null;
}

/** What an arrow key does in a tree: where it goes, what it opens or closes. */
export function step<T extends TreeItem>(
  lines: readonly TreeLine<T>[],
  at: number,
  key: string,
): { go?: number; toggle?: string } {
  const line = lines[at];
  const items = (index: number, by: 1 | -1): number => {
    let next = index + by;
    while (lines[next] && lines[next]?.kind !== "item") next += by;
    return lines[next] ? next : index;
  };
  if (key === "ArrowDown") return { go: items(at, 1) };
  if (key === "ArrowUp") return { go: items(at, -1) };
  if (key === "Home") return { go: items(-1, 1) };
  if (key === "End") return { go: items(lines.length, -1) };
  if (line?.kind !== "item") return {};
  if (key === "ArrowRight" && line.item.branch) return line.open ? { go: items(at, 1) } : { toggle: line.key };
  if (key === "ArrowLeft") {
    if (line.open) return { toggle: line.key };
    for (let above = at - 1; above >= 0; above -= 1) {
      const other = lines[above];
      if (other?.kind === "item" && other.depth < line.depth) return { go: above };
    }
  }
  return {};
}
