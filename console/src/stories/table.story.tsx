import { useMemo, useState } from "react";
import { useListState } from "../app/listSearch";
import { DetailDrawer } from "../ui/DetailDrawer";
import { FacetPane } from "../ui/filter/FacetPane";
import type { Filter } from "../ui/filter/types";
import { Status, type Tone } from "../ui/Status";
import { DataTable } from "../ui/table/DataTable";
import type { Column, List } from "../ui/table/types";
import type { Story } from "./story";

interface Host {
  id: string;
  tone: Tone;
  word: string;
  version: string;
  queue: number;
  problem: string;
}

const STATES: readonly [Tone, string][] = [["ok", "在线"], ["crit", "异常"], ["warn", "降级"], ["ok", "在线"], ["mute", "离线"]];

const hosts = (count: number): Host[] =>
  Array.from({ length: count }, (_, index) => {
    const [tone, word] = STATES[index % 7] ?? ["ok", "在线"];
    return {
      id: `app-${String(index).padStart(5, "0")}`, tone, word, version: index % 9 ? "1.4.0" : "1.3.2", queue: (index * 37) % 412,
      problem: tone === "crit" ? "OSS 503 SlowDown × 41" : "",
    };
  });

const COLUMNS: readonly Column<Host>[] = [
  { key: "id", title: "Agent", primary: true, phone: "title", sortable: true, render: ({ id }) => <span className="mono">{id}</span>, text: ({ id }) => id },
  { key: "state", title: "状态", width: 110, phone: "aside", sortable: true, render: ({ tone, word }) => <Status tone={tone}>{word}</Status>, text: ({ word }) => word },
  { key: "version", title: "版本", width: 100, hideBelow: 1100, render: ({ version }) => <span className="mono">{version}</span> },
  { key: "queue", title: "队列", width: 90, align: "end", sortable: true, render: ({ queue }) => queue, text: ({ queue }) => queue },
  { key: "problem", title: "最近问题", hideBelow: 900, render: ({ problem }) => problem || <span className="dim">—</span> },
  { key: "ip", title: "IP", optional: true, width: 120, render: () => <span className="mono">10.12.0.8</span> },
];

const FILTERS: readonly Filter[] = [
  { key: "state", label: "状态", values: [{ value: "crit", label: "异常", count: 3, tone: "crit" }, { value: "ok", label: "在线", count: 183, tone: "ok" }] },
  { key: "group", label: "分组", open: true, values: [{ value: "prod-sh", count: 96 }, { value: "prod-bj", count: 62 }] },
  { key: "auto", label: "仅自动化", toggle: true, values: [{ value: "yes" }] },
];

const keyOf = ({ id }: Host): string => id;

/** A list as the server would give it, whose rows can be made to change. */
function useExample(count: number): [List<Host>, () => void] {
  const [round, setRound] = useState(0);
  const rows = useMemo(() => hosts(count + round * 12).toReversed(), [count, round]);
  const list: List<Host> = {
    rows, total: rows.length, atLeast: false, more: false, fetchMore: () => undefined, fetchingMore: false, pending: false,
    placeholder: false, outdated: false, error: null, fetchedAt: 0, refetch: () => undefined, all: () => Promise.resolve(rows),
  };
  return [list, () => setRound(round + 1)];
}

function Example({ count, pane = false }: { count: number; pane?: boolean }) {
  const state = useListState(["state", "group", "auto"]);
  const [list, change] = useExample(count);
  const open = list.rows.find(({ id }) => id === state.sel);
  const table = (
    <section className="card">
      <DataTable
        name={`story-${count}`}
        label={`${count}`}
        columns={COLUMNS}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={keyOf}
        opens="drawer"
        filters={pane ? [] : FILTERS}
        search="主机名 / IP / 标签"
        tools={<button type="button" className="button" onClick={change}>{"12 台新 Agent"}</button>}
        bulk={({ count: chosen }) => <button type="button" className="button small">{`移动 ${chosen} 台`}</button>}
        empty={null}
      />
    </section>
  );
  return (
    <>
      {pane ? <div className="with-pane"><FacetPane filters={FILTERS.slice(0, 2)} state={state} />{table}</div> : table}
      <DetailDrawer open={open !== undefined} close={() => state.set({ sel: undefined })} title={open?.id}>
        {open && <Status tone={open.tone}>{open.word}</Status>}
      </DetailDrawer>
    </>
  );
}

export const stories: readonly Story[] = [
  { name: "with a pane", bare: true, render: () => <Example count={8} pane /> },
  { name: "ten thousand rows", bare: true, render: () => <Example count={10_000} /> },
];
