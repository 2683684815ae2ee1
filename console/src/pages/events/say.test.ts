import { expect, it } from "vitest";
import type { EventItem } from "../../api/events";
import { translator } from "../../i18n/translate";
import { sayEvent, sourceText, typeText } from "./say";

const zh = { language: "zh" as const, t: translator("zh") };
const event = (type: string, data: unknown, more: object = {}) => ({ type, data, subject: null, about: {}, ...more }) as unknown as EventItem;

it("names the types of GWF, and leaves those of others as they are", () => {
  expect(typeText("gwf.agent.offline", zh)).toBe("Agent 离线");
  expect(typeText("gwf.later.invented", zh)).toBe("gwf.later.invented");
  expect(typeText("com.example.paid", zh)).toBe("com.example.paid");
});

it("says what the data of a known type means", () => {
  expect(sayEvent(event("gwf.alert.raised", { code: "breaker_open", store: "oss" }), zh)).toContain("目的地 oss 连续失败");
  expect(sayEvent(event("gwf.alert.cleared", { code: "breaker_open", store: "oss", lasted_s: 25 }), zh)).toBe("目的地连续失败，已暂停发送：oss，持续了 25 秒");
  expect(sayEvent(event("gwf.alert.opened", { alert_id: "alt_1", title: "磁盘快满", status: "firing", count: 1 }), zh)).toBe("磁盘快满");
  expect(sayEvent(event("gwf.agent.offline", { cause: "silent", silent_s: 13 }), zh)).toBe("静默 13 秒");
  expect(sayEvent(event("gwf.agent.disk_low", { code: "disk_low" }), zh)).toBe("磁盘空间不足");
  expect(sayEvent(event("gwf.dead_letters.replayed", { files: 1, by: "user:li.na", reason: "修好了" }), zh)).toBe("1 个文件 · li.na · 修好了");
  expect(sayEvent(event("gwf.config.failed", { reason: [{ message: "store away" }] }), zh)).toBe("store away");
  const away = { code: "health.store_unreachable", pointer: "/stores/archive", message: "store archive cannot be reached" };
  expect(sayEvent(event("gwf.config.failed", { reason: [away] }), zh)).toBe("目的地没有正常应答：archive");
});

it("names what a rollout brings", () => {
  const about = { number: "5", layer_kind: "group", layer: "上海" };
  expect(sayEvent(event("gwf.rollout.reverted", { cause: "failure_share" }, { about, subject: "1a21" }), zh)).toBe("分组 上海 v5：失败太多");
  expect(sayEvent(event("gwf.rollout.running", {}, { subject: "1a21" }), zh)).toBe("1a21");
});

it("shows the first values of what others send", () => {
  expect(sayEvent(event("com.example.paid", { a: 1, b: { c: 2 }, d: "x" }), zh)).toBe("a=1 · d=x");
  expect(sourceText("/gwf/agents/agt_1", zh, "web-1")).toBe("web-1");
  expect(sourceText("/gwf/centre", zh)).toBe("中心");
});
