import { Aged } from "../ui/Aged";
import { Card } from "../ui/Card";
import { Copy } from "../ui/Copy";
import { Icon } from "../ui/Icon";
import { Mono } from "../ui/Mono";
import { Segments } from "../ui/Segments";
import { Spark } from "../ui/Spark";
import { Status, type Tone } from "../ui/Status";
import { Tabs } from "../ui/Tabs";
import { TimeText } from "../ui/TimeText";
import type { Story } from "./story";

const TONES: readonly Tone[] = ["ok", "warn", "crit", "run", "hold", "mute"];
const WORDS = ["正常", "降级", "失败", "灰度中", "待审批", "离线"];

export const stories: readonly Story[] = [
  {
    name: "status",
    render: () => (
      <div className="pad row wrap">
        {TONES.map((tone, index) => (
          <Status key={tone} tone={tone}>
            {WORDS[index]}
          </Status>
        ))}
        {TONES.map((tone, index) => (
          <span key={tone} className={`tag ${tone}`}>
            {WORDS[index]}
          </span>
        ))}
        <span className="tag">v42</span>
        <span className="tag outline">prod</span>
      </div>
    ),
  },
  {
    name: "buttons",
    render: () => (
      <div className="pad row wrap">
        <button type="button" className="button primary">
          <Icon name="back" size={13} />
          {"回滚 34 台"}
        </button>
        <button type="button" className="button">
          {"看差异"}
        </button>
        <button type="button" className="button danger">
          {"下线维护"}
        </button>
        <button type="button" className="button" disabled>
          {"升级"}
        </button>
        <button type="button" className="button ghost">
          {"另存为视图"}
        </button>
        <button type="button" className="button small">
          {"重试"}
        </button>
        <Segments label="view" value="a" options={[{ value: "a", label: "列表" }, { value: "b", label: "热力图" }]} onChange={() => undefined} />
        <button type="button" className="chip" aria-pressed="true">
          {"有差异"}
        </button>
        <button type="button" className="chip">
          {"仅自动化"}
        </button>
        <Copy text="app-037" what="app-037" />
        <kbd>Ctrl K</kbd>
      </div>
    ),
  },
  {
    name: "card",
    bare: true,
    render: () => (
      <Card title="失败原因" sub="6 小时 · 共 409 次" tools={<button type="button" className="button small">{"表格"}</button>} busy>
        <div className="pad">
          <p className="big">
            98.72<span className="unit">%</span>
          </p>
          <Spark values={[3, 4, 2, 9, 12, 5, 4, 8]} color="var(--c1)" />
          <p className="dim">
            <TimeText at="2026-11-22T02:28:05Z" />
          </p>
        </div>
      </Card>
    ),
  },
  {
    name: "mono",
    render: () => (
      <div className="pad stack">
        <Mono text="agt_0563b598d6f7be8b" />
        <Mono text="/data/logs/app/2026-11-26/application-000401.log" most={30} />
      </div>
    ),
  },
  {
    name: "values that grew old",
    bare: true,
    render: () => (
      <Card title="队列" sub="6 小时">
        <Aged at={1} pace="detail">
          <div className="pad">
            <p className="big">1,842<span className="unit">{"项"}</span></p>
            <Status tone="crit">{WORDS[2]}</Status>
          </div>
        </Aged>
      </Card>
    ),
  },
  {
    name: "tabs",
    render: () => (
      <Tabs
        label="tabs"
        tabs={[{ key: "a", label: "改了什么", count: 2 }, { key: "b", label: "完整差异" }, { key: "c", label: "JSON" }]}
        value="a"
        onChange={() => undefined}
      >
        <p className="pad">{"upload.workers 8 → 32"}</p>
      </Tabs>
    ),
  },
  {
    name: "facts",
    render: () => (
      <div className="pad">
        <dl className="facts">
          <dt>{"时间"}</dt>
          <dd>2026-11-22 10:02:09.412 +08:00</dd>
          <dt>{"来源"}</dt>
          <dd className="mono">10.12.0.8</dd>
        </dl>
      </div>
    ),
  },
];
