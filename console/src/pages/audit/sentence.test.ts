import { expect, it } from "vitest";
import type { Entry } from "../../api/audit";
import { translator } from "../../i18n/translate";
import { resultOf, summaryOf, verbOf, whatOf, whoOf } from "./sentence";

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
  expect(summaryOf(entry({ changes, names: { cfv_1: "v1", cfv_2: "v2", lay_0: "" } }), zh)).toBe("version v1 → v2 · layer = 全局");
});

it("tells what a rollout did by itself", () => {
  const resource = { kind: "rollout", id: "r", name: "v1", facts: {} };
  const halted = entry({
    action: "rollout.move", resource,
    changes: [{ path: "/status", before: "running", after: "reverting" }, { path: "/cause/code", after: "failure_share" }],
  });
  expect(summaryOf(halted, zh)).toBe("自动回滚：失败率超过上限");
  expect(resultOf(halted)).toEqual({ word: "reverting", tone: "warn" });
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
