import { expect, it } from "vitest";
import type { Finding } from "../api/fleet";
import { alertBadge, badgesOf, joined } from "./badges";
import { barOf, PAGE_GROUPS } from "./pages";

const finding = (code: Finding["code"], level: Finding["level"], value: number, agents: number): Finding => ({
  code, level, value, agents_count: agents, limit: 0, unit: "agents", since: null, duration_s: null, share: 0, agents: [], hostnames: [], params: {}, classes: {}, links: [],
});

it("counts agents, files and findings where they are dealt with, and looks as the worst of them", () => {
  const todo = [
    finding("agents_offline", "warn", 2, 2), finding("agents_failing", "crit", 3, 3), finding("dead_letters", "warn", 41, 1),
    finding("store_unreachable", "crit", 9, 9), finding("queue_wait", "warn", 400, 4), finding("alerts_firing", "crit", 7, 2),
  ];
  expect(badgesOf({ todo }, false)).toEqual({
    agents: { count: 3, tone: "crit" }, dlq: { count: 41, tone: "mute" }, overview: { count: 1, tone: "crit" },
  });
});

it("is violet for whoever may let a halted rollout go on", () => {
  const todo = [finding("rollout_halted", "warn", 1, 4)];
  expect(badgesOf({ todo }, true)).toEqual({ configs: { count: 1, tone: "hold" } });
  expect(badgesOf({ todo }, false)).toEqual({ configs: { count: 1, tone: "mute" } });
});

it("goes with its cause: a rollout that went back everywhere asks for nothing", () => {
  const halted = (status: string) => ({ ...finding("rollout_halted", "warn", 1, 4), params: { status } });
  expect(badgesOf({ todo: [halted("reverted")] }, true)).toEqual({});
  expect(badgesOf({ todo: [halted("paused")] }, true)).toEqual({ configs: { count: 1, tone: "hold" } });
});

it("counts dead letters of every kind where they are known, not uploads alone", () => {
  const todo = [finding("dead_letters", "warn", 41, 1)];
  expect(badgesOf({ todo }, false, 65)).toEqual({ dlq: { count: 65, tone: "mute" } });
  expect(badgesOf({ todo }, false, 0)).toEqual({});
});

it("says of several pages how many are as bad as the worst", () => {
  expect(joined({ count: 3, tone: "crit" }, { count: 65, tone: "mute" })).toEqual({ count: 3, tone: "crit" });
  expect(joined({ count: 3, tone: "mute" }, { count: 65, tone: "mute" })).toEqual({ count: 68, tone: "mute" });
});

it("gives a phone four pages and one place for all others", () => {
  const { bar, rest } = barOf(PAGE_GROUPS);
  expect(bar.map(({ key }) => key)).toEqual(["overview", "files", "alerts", "agents"]);
  expect(rest.flatMap(({ pages }) => pages).length + bar.length).toBe(PAGE_GROUPS.flatMap(({ pages }) => pages).length);
  expect(barOf([PAGE_GROUPS[0]!]).rest).toEqual([]);
});

it("is not there while all is well", () => expect(badgesOf({ todo: [] }, true)).toEqual({}));

it("counts alerts that nobody took, and only the bad ones once there are some", () => {
  expect(alertBadge(0, {})).toBeUndefined();
  expect(alertBadge(4, { warning: 3, notice: 1 })).toEqual({ count: 4, tone: "mute" });
  expect(alertBadge(6, { warning: 3, critical: 1, error: 2 })).toEqual({ count: 3, tone: "crit" });
});
