import { expect, it } from "vitest";
import type { Entry } from "../../api/audit";
import { translator } from "../../i18n/translate";
import { changesOf, resultOf, summaryOf, verbOf, whatOf, whoOf } from "./sentence";

const zh = { t: translator("zh"), language: "zh" as const };
const en = { t: translator("en"), language: "en" as const };

const entry = (over: Partial<Entry>): Entry => ({
  seq: 1, at: "2026-01-01T00:00:00.000Z", actor: { kind: "user", id: "u1", address: "", name: "wang" }, action: "config_version.create",
  resource: { kind: "config_version", id: "x", name: "v3", facts: { layer_kind: "group", layer: "prod-sh", number: "3" } },
  reason: "", request_id: "", changes: [], names: {}, detail: {}, hash: "", ...over,
});

it("says who did what to which thing", () => {
  expect([whoOf(entry({}), zh), verbOf("config_version.create", "zh"), whatOf(entry({}), zh)]).toEqual(["wang", "写下", "配置版本 prod-sh v3"]);
  const base = entry({ resource: { kind: "rollout", id: "r", name: "v1", facts: { layer_kind: "base", layer: "" } } });
  expect(whatOf(base, en)).toBe("rollout Base v1");
  expect(whoOf(entry({ actor: { kind: "system", id: "rollout", address: "", name: "" } }), en)).toBe("System");
  expect(verbOf("later.added", "zh")).toBe("later.added");
});

it("tells the host's user at a browser from the one at a command line", () => {
  const by = (id: string) => whoOf(entry({ actor: { kind: "local", id, address: "127.0.0.1", name: "" } }), zh);
  expect([by("browser"), by("local")]).toEqual(["本机用户（浏览器）", "本机用户（命令行）"]);
});

it("sums a change up by its first fields", () => {
  const changes = [
    { path: "/document/agent/transfer/workers", before: 8, after: 32 },
    { path: "/document/agent/retry/base", after: "1s" },
    { path: "/document/agent/retry/cap", before: "5m" },
  ];
  expect(summaryOf(entry({ changes }), zh)).toBe("workers 8 → 32 · base = 1s · 等 3 项");
});

it("says names in the place of ids", () => {
  const changes = [{ path: "/version", before: "cfv_1", after: "cfv_2" }, { path: "/layer", after: "lay_0" }];
  expect(summaryOf(entry({ changes, names: { cfv_1: "v1", cfv_2: "v2", lay_0: "" } }), zh)).toBe("版本 v1 → v2 · 配置层 = 全局");
});

it("says words in the place of codes, and leaves a document as it is", () => {
  const resource = { kind: "rollout", id: "r", name: "v1", facts: {} };
  const aborted = entry({ resource, changes: [{ path: "/status", before: "running", after: "reverting" }, { path: "/cause/code", after: "person" }] });
  expect(changesOf(aborted, zh).map(({ name, before, after }) => [name, before, after])).toEqual([["状态", "灰度中", "正在回滚"], ["结束原因", undefined, "由人决定"]]);
  const written = entry({ changes: [{ path: "/document/agent/status", after: "running" }] });
  expect(changesOf(written, zh)).toEqual([{ path: "/document/agent/status", kind: "added", before: undefined, after: "running" }]);
  expect(changesOf(entry({ changes: [{ path: "/drain", before: false, after: true }] }), en)[0]).toMatchObject({ name: "Drained", before: "no", after: "yes" });
});

it("tells what a rollout did by itself", () => {
  const resource = { kind: "rollout", id: "r", name: "v1", facts: {} };
  const halted = entry({
    action: "rollout.move", resource,
    changes: [{ path: "/status", before: "running", after: "reverting" }, { path: "/cause/code", after: "failure_share" }],
  });
  expect(summaryOf(halted, zh)).toBe("自动回滚：失败率超过上限");
  expect(resultOf(halted)).toEqual({ word: "reverting.gate", tone: "warn" });
  expect(resultOf({ ...halted, action: "rollout.abort" })).toEqual({ word: "reverting", tone: "warn" });
  expect(summaryOf(entry({ action: "rollout.move", resource, changes: [{ path: "/wave", before: 0, after: 1 }], detail: { offered: 9 } }), en)).toBe(
    "wave 2 began · offered to 9 agents",
  );
});

it("does not call a refusal done", () => {
  expect(resultOf(entry({ action: "config.failed" })).tone).toBe("crit");
  const denied = entry({
    action: "access.denied", resource: { kind: "endpoint", id: "POST /api/v1/agents/{agent_id}:drain", name: "", facts: {} },
    detail: { permission: "fleet:operate" },
  });
  expect([whatOf(denied, zh), summaryOf(denied, zh), resultOf(denied).word]).toEqual([
    "POST /api/v1/agents/{agent_id}:drain", "缺少权限「操作 Agent」", "refused",
  ]);
});
