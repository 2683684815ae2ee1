import { useState } from "react";
import { Icon } from "../ui/Icon";
import { Status } from "../ui/Status";
import { Tree } from "../ui/tree/Tree";
import type { Branch, TreeItem } from "../ui/tree/flatten";
import type { Story } from "./story";

const ROOT = "";
const DAYS = 100;

/** Directories of days with so many files each. */
function branchesOf(files: number): Map<string, Branch<TreeItem>> {
  const day = (index: number): string => `/data/logs/2026-${String(1 + Math.floor(index / 28)).padStart(2, "0")}-${String(1 + (index % 28)).padStart(2, "0")}`;
  const ready = (items: TreeItem[]): Branch<TreeItem> => ({ items, more: false, state: "ready" });
  const days = Array.from({ length: DAYS }, (_, index) => ({ key: day(index), name: day(index).slice(11), branch: true }));
  const found = new Map([[ROOT, ready([{ key: "/data/logs", name: "/data/logs", branch: true }, { key: "/data/etl", name: "/data/etl", branch: true }, { key: "/mnt/away", name: "/mnt/away", branch: true }])]]);
  found.set("/data/logs", ready(days));
  found.set("/data/etl", ready([]));
  found.set("/mnt/away", { items: [], more: false, state: "failed" });
  for (const { key } of days) {
    found.set(key, ready(Array.from({ length: files }, (_, index) => ({ key: `${key}/${index}`, name: `app-${String(index).padStart(5, "0")}.log`, branch: false }))));
  }
  return found;
}

const icon = ({ branch }: TreeItem) => <Icon name={branch ? "folder" : "file"} size={14} />;
const aside = ({ branch, name }: TreeItem) => (branch ? null : name.endsWith("7.log") ? <Status tone="crit" bare>{"死信"}</Status> : <Status tone="ok" bare>{"已送达"}</Status>);

function Example({ files, all = false }: { files: number; all?: boolean }) {
  const [branches] = useState(() => branchesOf(files));
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(all ? branches.keys() : ["/data/logs", "/data/logs/2026-01-01", "/data/etl", "/mnt/away"]));
  const [selected, select] = useState("/data/logs/2026-01-01/1");
  const toggle = (key: string): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  return (
    <div className="story-tree">
      <Tree label={`${DAYS * files}`} root={ROOT} branches={branches} open={open} selected={selected} toggle={toggle} select={({ key }) => select(key)} fetchMore={() => undefined} icon={icon} aside={aside} />
    </div>
  );
}

export const stories: readonly Story[] = [
  { name: "directories and files", render: () => <Example files={8} /> },
  { name: "a hundred thousand nodes", render: () => <Example files={1_000} all /> },
];
