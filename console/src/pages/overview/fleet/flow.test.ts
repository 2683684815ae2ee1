import { expect, it } from "vitest";
import type { Change, Finding, FleetOverview } from "../../../api/fleet";
import { translator } from "../../../i18n/translate";
import { bandsOf, classColors, failuresOf, known } from "./flow";
import { changeText, findingText, targetOf, toPause, whoText } from "./words";

const zh = { language: "zh" as const, t: translator("zh") };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 26, 5, minute)).toISOString();
const point = (minute: number, ratio: number | null, failures = {}) => ({ at: at(minute), success_ratio: ratio, failures }) as FleetOverview["points"][number];
const finding = (part: object) => ({ code: "failures", value: 0.9872, limit: 0.99, unit: "share", agents_count: 12, hostnames: [], params: {}, classes: {}, ...part }) as unknown as Finding;
const change = (part: object) => ({ kind: "rollout", action: "rollout.create", params: {}, resource: { kind: "rollout", id: "r1", name: "" }, count: 1, ...part }) as unknown as Change;

it("shades the time below the target, and leaves gaps alone", () => {
  const points = [point(0, 1), point(5, 0.98), point(10, 0.97), point(15, null), point(20, 0.9)];
  const start = Date.UTC(2026, 10, 26, 5, 0) / 1000;
  expect(bandsOf(points, 0.99, 300)).toEqual([
    { from: start + 300, to: start + 900, tone: "crit" },
    { from: start + 1200, to: start + 1500, tone: "crit" },
  ]);
});

it("reads a class that is not named as none", () => {
  expect(failuresOf([point(0, 1, { timeout: 3 }), point(5, 1)], "timeout")).toEqual([3, 0]);
  expect(known([1, null, 0])).toEqual([1, 0]);
});

it("gives a class the same colour however often it fails, and no two the same", () => {
  const [once, again] = [classColors(["throttled", "timeout", "auth"]), classColors(["auth", "throttled", "timeout"])];
  expect([...once].toSorted()).toEqual([...again].toSorted());
  const many = classColors(["auth", "checksum", "network", "server", "local_io"]);
  expect(new Set(many.values()).size).toBe(5);
});

it("says what is wrong with value and target", () => {
  expect(findingText(finding({}), zh)).toBe("上传失败率升高：12 台 Agent 受影响，成功率 98.72%（目标 99%）");
  expect(findingText(finding({ code: "queue_wait", unit: "s", value: 372, limit: 300 }), zh)).toContain("6 分 12 秒");
  expect(whoText(finding({ hostnames: ["a", "b", "c", "d"] }), zh)).toBe("a、b、c 等，另 9 台");
});

it("says why a destination takes no files, and never that it cannot be reached when it throttles", () => {
  const store = (classes: object) => findingText(finding({ code: "store_unreachable", unit: "agents", agents_count: 3, params: { store: "oss" }, classes }), zh);
  expect(store({ throttled: 3 })).toBe("目的地 oss 不收文件（被限流）：3 台 Agent 暂停了发送");
  expect(store({ throttled: 1, held: 1, "": 1 })).toContain("（被限流 1 台、被人工暂停 1 台、原因未知 1 台）");
  expect(findingText(finding({ classes: { throttled: 40, timeout: 2 } }), zh)).toContain("（被限流 40 次、超时 2 次）");
});

it("offers to pause only what may be behind it", () => {
  const rollout = (id: string, status: "running" | "paused") => ({ rollout_id: id, status });
  const suspect = { change: change({ resource: { kind: "rollout", id: "r1", name: "" } }), score: 1, before_s: 3 };
  expect(toPause([rollout("r1", "running"), rollout("r2", "running")], [suspect])).toEqual([rollout("r1", "running")]);
  expect(toPause([rollout("r1", "paused")], [suspect])).toEqual([]);
  expect(toPause([rollout("r1", "running")], [])).toEqual([]);
});

it("says by name what a halted rollout brings, and to whom", () => {
  const params = { rollout: "1a21", status: "reverted", cause: "failure_share", number: "5", layer_kind: "group", layer: "上海" };
  expect(findingText(finding({ code: "rollout_halted", unit: "agents", params }), zh)).toBe("「分组 上海 v5」的发布已回滚：失败太多，涉及 12 台 Agent");
  expect(findingText(finding({ code: "rollout_halted", unit: "agents", params: { ...params, number: undefined } }), zh)).toBe("一个发布已回滚：失败太多，涉及 12 台 Agent");
});

it("names a change in a few words", () => {
  const params = { number: "5", layer_kind: "group", layer: "prod-sh" };
  expect(changeText(change({ params }), zh)).toBe("发布 分组 prod-sh v5");
  expect(changeText(change({ action: "rollout.move", params: { ...params, layer_kind: "base", status: "reverting" } }), zh)).toBe("自动回滚 全局 v5");
  expect(changeText(change({ resource: { kind: "rollout", id: "1a21c0ffee1a21c0ffee", name: "" } }), zh)).toBe("发布 1a21c0ffee1a…");
  expect(changeText(change({ kind: "upgrade", action: "agent.update", params: { version: "0.2.0" } }), zh)).toBe("升级 0.2.0");
  expect(changeText(change({ kind: "maintenance", action: "agent.drain", count: 3 }), zh)).toBe("维护 × 3");
});

it("leads to the list that shows the evidence", () => {
  expect(targetOf({ page: "agents", query: { condition: ["failing"] } })).toEqual({ to: "/agents", search: { condition: ["failing"] } });
  expect(targetOf({ page: "rollouts", query: { id: ["r1"] } })).toEqual({ to: "/rollouts/r1", search: {} });
});
