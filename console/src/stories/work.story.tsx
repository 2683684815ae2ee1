import { useState } from "react";
import { Gantt } from "../ui/gantt/Gantt";
import type { Bar, Lane } from "../ui/gantt/model";
import { Graph, type Link, type Node } from "../ui/graph/Graph";
import type { Tone } from "../ui/Status";
import type { Story } from "./story";

const BEGIN = Date.parse("2026-11-22T10:14:02Z");
const bar = (key: string, from: number, to: number | null, tone: Tone, text: string, planned = false): Bar => ({
  key, from: BEGIN + from * 1000, to: to === null ? null : BEGIN + to * 1000, tone, word: text, text, label: `${key} ${text}`, planned,
});

const LANES: readonly Lane[] = [
  { key: "settle", name: "稳定窗口", sub: "等待 4 秒静默", bars: [bar("settle", 0, 4.1, "ok", "4.1s")] },
  { key: "sum", name: "校验", sub: "sha256 · 1.2 GB", bars: [bar("sum", 4.1, 9.3, "ok", "5.2s")] },
  { key: "upload", name: "上传 OSS", sub: "multipart · 3 次尝试", bars: [bar("u1", 9.5, 18.1, "crit", "第 1 次 8.6s"), bar("u2", 20.1, 29.7, "crit", "第 2 次 9.6s"), bar("u3", 34, 52.5, "ok", "第 3 次 18.5s")] },
  { key: "meta", name: "写元数据", sub: "file_events", bars: [bar("meta", 52.5, 53.1, "ok", "0.6s")] },
  { key: "hook", name: "通知业务方", sub: "webhook · 并行", tail: "504", bars: [bar("h1", 53.5, 56.5, "crit", "1"), bar("h2", 58.5, 61.5, "crit", "2"), bar("h3", 65.5, 68.5, "crit", "3")] },
  { key: "archive", name: "归档到冷存", sub: "archive · 并行", bars: [bar("archive", 53.5, 63.8, "ok", "10.3s")] },
  { key: "undo", name: "↩ 补偿：撤销归档", sub: "因通知失败", inner: true, bars: [bar("undo", 69, null, "run", "3.2s")] },
  { key: "undo2", name: "↩ 补偿：删除对象", sub: "待执行", inner: true, bars: [bar("undo2", 72.5, 75.5, "mute", "待执行", true)] },
];

const NODES: readonly Node[] = [
  { key: "compress", name: "压缩", sub: "ARCHIVE", tone: "ok", word: "成功" },
  { key: "upload", name: "上传", sub: "UPLOAD", tone: "ok", word: "成功" },
  { key: "tell", name: "通知分析服务", sub: "WEBHOOK", tone: "crit", word: "失败" },
  { key: "script", name: "在主机上分析", sub: "SCRIPT", tone: "run", word: "运行" },
  { key: "approve", name: "确认删除", sub: "审批", tone: "hold", word: "待审批", kind: "approval" },
  { key: "undo", name: "撤销归档", sub: "补偿", tone: "mute", word: "未开始", kind: "undo" },
];
const LINKS: readonly Link[] = [
  { from: "compress", to: "upload" }, { from: "upload", to: "tell" }, { from: "upload", to: "script", label: "大于 1 GB" }, { from: "tell", to: "approve" },
  { from: "script", to: "approve" }, { from: "tell", to: "undo", label: "失败时", dashed: true },
];

function Chosen({ children }: { children: (chosen: string, choose: (key: string) => void) => React.ReactNode }) {
  const [chosen, choose] = useState("");
  return (
    <>
      {children(chosen, choose)}
      <output className="pad" data-chosen={chosen} />
    </>
  );
}

export const stories: readonly Story[] = [
  { name: "gantt", render: () => <Chosen>{(chosen, choose) => <Gantt label="一次运行的时间线" lanes={LANES} now={BEGIN + 72_200} chosen={chosen || "u3"} choose={choose} />}</Chosen> },
  { name: "graph", render: () => <Chosen>{(chosen, choose) => <Graph label="一次运行的图" nodes={NODES} links={LINKS} chosen={chosen} choose={choose} />}</Chosen> },
  { name: "graph of a definition", render: () => <Graph label="定义" nodes={NODES.map((node) => ({ ...node, tone: null, word: "" }))} links={LINKS} choose={() => undefined} /> },
];
