import { useState } from "react";
import { Beat } from "../ui/Beat";
import { type Cell, Heat } from "../ui/Heat";
import { Related } from "../ui/Related";
import { Stack } from "../ui/Stack";
import { type Marker, type PanelSpec, TIME_STEPS } from "../ui/stack/model";
import type { Story } from "./story";

const STRIPS = ["o".repeat(30), `${"o".repeat(20)}${"f".repeat(10)}`, `${"-".repeat(8)}${"o".repeat(10)}${"x".repeat(12)}`, `${"o".repeat(18)}${"d".repeat(8)}nnrr`];

/** Mostly well, some of each kind, always the same. */
const cells = (count: number): Cell[] =>
  Array.from({ length: count }, (_, index) => [`a${index}`, `app-${String(index).padStart(5, "0")}`, index % 37 === 4 ? "f" : index % 23 === 9 ? "d" : index % 41 === 7 ? "x" : index % 53 === 2 ? "n" : index % 97 === 5 ? "r" : "o"]);

const START = Date.UTC(2026, 10, 26, 2) / 1000;
const STEP = 300;
const COUNT = 72;
const times = Array.from({ length: COUNT }, (_, index) => START + index * STEP);
const bad = (index: number): boolean => index > 66;
const gap = (index: number): boolean => index > 20 && index < 25;
const of = (value: (index: number) => number): (number | null)[] => times.map((_, index) => (gap(index) ? null : value(index)));

const panels: PanelSpec[] = [
  {
    id: "ratio", name: "上传成功率", kind: "line", height: 110, ceiling: 100, format: (value) => `${Number(value.toPrecision(5))}%`,
    threshold: { value: 99.9, label: "目标 99.9%" },
    series: [{ name: "上传成功率", color: "--c1", values: of((index) => (bad(index) ? 98.4 + (index % 3) / 5 : 99.93 + (index % 5) / 100)) }],
  },
  {
    id: "failed", name: "失败（次/5 分）", kind: "bars", height: 100, format: (value) => String(Math.round(value)),
    series: [
      { name: "被限流", color: "--crit-f", values: of((index) => (bad(index) ? 60 + index % 7 : index % 9 === 0 ? 2 : 0)) },
      { name: "超时", color: "--c2", values: of((index) => (bad(index) ? 12 : index % 11 === 0 ? 3 : 0)) },
    ],
  },
  {
    id: "wait", name: "队列最老等待", kind: "line", height: 110, format: (value) => `${Math.round(value / 60)} 分`, steps: TIME_STEPS,
    threshold: { value: 300, label: "上限 5 分" },
    series: [{ name: "队列最老等待", color: "--c3", values: of((index) => (bad(index) ? 44 + (index - 66) * 82 : 22 + (index % 6) * 4)) }],
  },
];
const markers: Marker[] = [
  { id: "1", at: START + 17 * STEP, label: "规则 v12", tone: "mute" },
  { id: "2", at: START + 38 * STEP, label: "升级 1.4.0", tone: "run" },
  { id: "3", at: START + 39 * STEP, label: "维护 3 台", tone: "hold" },
  { id: "4", at: START + 66 * STEP, label: "10:02 配置 v42", tone: "run", href: "./audit/4" },
];
const bands = [{ from: START + 67 * STEP, to: START + 71 * STEP, tone: "crit" as const }];

function Signals({ table = false }: { table?: boolean }) {
  const [range, setRange] = useState("");
  return (
    <div className="pad">
      <Stack times={times} panels={panels} markers={markers} bands={bands} table={table} label="成功率、失败次数与等待" onRange={(from, to) => setRange(`${Math.round(to - from)}`)} />
      <output data-range={range} />
    </div>
  );
}

export const stories: readonly Story[] = [
  { name: "beat", render: () => <div className="pad row wrap">{STRIPS.map((strip) => <Beat key={strip} strip={strip} />)}</div> },
  { name: "heat", render: () => <div className="pad"><Heat cells={cells(300)} label="prod-sh" onOpen={() => undefined} /></div> },
  { name: "heat of ten thousand", render: () => <div className="pad"><Heat cells={cells(10_000)} label="prod" size={10} onOpen={() => undefined} /></div> },
  { name: "stack", render: () => <Signals /> },
  { name: "stack as a table", render: () => <Signals table /> },
  { name: "stack without data", render: () => <div className="pad"><Stack times={times} panels={panels.map((panel) => ({ ...panel, series: panel.series.map((one) => ({ ...one, values: times.map(() => null) })) }))} table={false} label="没有数据" /></div> },
  { name: "related", render: () => <div className="pad"><Related neighbours={[{ key: "a", label: "文件与目录", to: "/" }, { key: "b", label: "分组 prod-sh", count: "96", to: "/" }]} /></div> },
];
