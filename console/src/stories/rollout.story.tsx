import type { Tone } from "../ui/Status";
import type { Agent } from "../ui/rollout/cells";
import { Gates } from "../ui/rollout/Gates";
import type { Gate } from "../ui/rollout/gates";
import { type Wave, Waves } from "../ui/rollout/Waves";
import type { Story } from "./story";

const hrefOf = (id: string): string => `./agents/${id}`;

/** So many agents, some of which are as `others` says; always the same. */
const agents = (count: number, tone: Tone, word: string, others: readonly [every: number, Tone, string][] = []): Agent[] =>
  Array.from({ length: count }, (_, index) => {
    const [, otherTone = tone, otherWord = word] = others.find(([every]) => index % every === every - 1) ?? [];
    return { id: `${word}${index}`, name: `app-${String(index).padStart(3, "0")}`, tone: otherTone, word: otherWord };
  });

const running: readonly Wave[] = [
  { title: "第 1 批 · 金丝雀 3 台", sub: "10:02 – 10:09", tone: "ok", word: "通过", agents: agents(3, "ok", "已生效"), current: false },
  { title: "第 2 批 · 10%", sub: "10:09 开始", tone: "run", word: "进行中", agents: agents(24, "ok", "已生效", [[7, "crit", "拒绝"], [5, "run", "等待应用"]]), current: true },
  { title: "第 3 批 · 其余", sub: "等上一批通过", tone: "mute", word: "未开始", agents: agents(173, "mute", "未开始"), hidden: 12, current: false },
];

const gates: readonly Gate[] = [
  { name: "failed", tone: "crit", value: 0.125, limit: 0.05, unit: "share", want: "≤", part: [3, 24] },
  { name: "applied", tone: "run", value: 0.79, limit: 0.95, unit: "share", want: "≥", part: [19, 24] },
  { name: "healthy", tone: "ok", value: 1, limit: 0.99, unit: "share", want: "≥", part: [19, 19] },
  { name: "soak", tone: "mute", value: null, limit: 600, unit: "seconds", want: "≥" },
  { name: "time", tone: "warn", value: 1_500, limit: 1_800, unit: "seconds", want: "≤" },
];

export const stories: readonly Story[] = [
  { name: "waves", render: () => <div className="pad"><Waves label="发布的批次" waves={running} hrefOf={hrefOf} /></div> },
  {
    name: "waves of ten thousand",
    render: () => (
      <div className="pad">
        <Waves label="上万台的批次" hrefOf={hrefOf} waves={[{ title: "全部", sub: "10:02 开始", tone: "run", word: "进行中", agents: agents(10_000, "ok", "已生效", [[97, "crit", "拒绝"]]), current: true }]} />
      </div>
    ),
  },
  { name: "gates", render: () => <div className="pad"><Gates gates={gates} /></div> },
];
