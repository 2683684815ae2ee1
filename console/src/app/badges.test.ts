import { expect, it } from "vitest";
import type { Finding } from "../api/fleet";
import { badgesOf } from "./badges";

const finding = (code: Finding["code"], level: Finding["level"], value: number, agents: number): Finding => ({
  code, level, value, agents_count: agents, limit: 0, unit: "agents", since: null, duration_s: null, share: 0, agents: [], hostnames: [], params: {}, links: [],
});

it("counts agents, files and findings where they are dealt with, and looks as the worst of them", () => {
  const todo = [
    finding("agents_offline", "warn", 2, 2), finding("agents_failing", "crit", 3, 3), finding("dead_letters", "warn", 41, 1),
    finding("store_unreachable", "crit", 9, 9), finding("queue_wait", "warn", 400, 4),
  ];
  expect(badgesOf({ todo }, false)).toEqual({
    agents: { count: 3, tone: "crit" }, events: { count: 41, tone: "mute" }, overview: { count: 1, tone: "crit" },
  });
});

it("is violet for whoever may let a halted rollout go on", () => {
  const todo = [finding("rollout_halted", "warn", 1, 4)];
  expect(badgesOf({ todo }, true)).toEqual({ configs: { count: 1, tone: "hold" } });
  expect(badgesOf({ todo }, false)).toEqual({ configs: { count: 1, tone: "mute" } });
});

it("is not there while all is well", () => expect(badgesOf({ todo: [] }, true)).toEqual({}));
