import { expect, it } from "vitest";
import type { components } from "../../api/schema";
import { gatesOf } from "./gates";

type Detail = components["schemas"]["RolloutDetail"];

const NOW = Date.parse("2026-01-01T00:10:00Z");
const gates = {
  min_applied_share: 0.95, min_healthy_share: 0.95, max_failure_share: 0.02, soak_s: 60, attempt_timeout_s: 180, wave_timeout_s: 600,
};
const running: Detail = {
  rollout_id: "r", layer_id: "l", version_id: "v2", previous_version_id: "v1", status: "running", wave: 0, waves: [{ percent: 100 }],
  gates, on_failure: "revert", since: "2026-01-01T00:05:00Z", met_since: null, cause: null, paused_at: null, ended_at: null,
  author: "ann", reason: "", created_at: "2026-01-01T00:05:00Z", attempts: {}, reverts: {},
  revision: 1,
  numbers: { offered: 100, waiting: 10, applied: 89, unhealthy: 1, failed: 1 },
};
const tones = (detail: Detail) => Object.fromEntries(gatesOf(detail, NOW).map((gate) => [gate.name, gate.tone]));

it("waits as long as agents have not answered", () => {
  expect(tones(running)).toEqual({ failed: "ok", applied: "run", healthy: "ok", soak: "mute", time: "ok" });
});

it("fails a share that is past its limit", () => {
  const numbers = { offered: 100, waiting: 0, applied: 90, unhealthy: 10, failed: 10 };
  expect(tones({ ...running, numbers })).toMatchObject({ failed: "crit", applied: "crit", healthy: "crit" });
});

it("says nothing of shares of nobody", () => {
  const numbers = { offered: 0, waiting: 0, applied: 0, unhealthy: 0, failed: 0 };
  expect(gatesOf({ ...running, numbers }, NOW)[0]).toMatchObject({ value: null, tone: "mute" });
});

it("counts the quiet time from when the shares were met, and stops when it is paused", () => {
  const soak = (detail: Detail) => gatesOf(detail, NOW).find((gate) => gate.name === "soak");
  expect(soak({ ...running, met_since: "2026-01-01T00:09:30Z" })).toMatchObject({ value: 30, tone: "run" });
  expect(soak({ ...running, met_since: "2026-01-01T00:09:00Z" })).toMatchObject({ value: 60, tone: "ok" });
  expect(gatesOf({ ...running, status: "paused", paused_at: "2026-01-01T00:06:00Z" }, NOW).at(-1)).toMatchObject({ value: 60 });
});

it("shows what decided a rollout that has ended", () => {
  const cause = { code: "failure_share" as const, by: "", reason: "", facts: { offered: 10, applied: 6, failed: 4, unhealthy: 0 } };
  const ended = gatesOf({ ...running, status: "reverted", numbers: null, cause }, NOW);
  expect(ended.map((gate) => gate.name)).toEqual(["failed", "applied", "healthy"]);
  expect(ended[0]).toMatchObject({ part: [4, 10], tone: "crit" });
  const completed = gatesOf({ ...running, status: "completed", numbers: null, attempts: { applied: 5 } }, NOW);
  expect(completed.every((gate) => gate.tone === "ok")).toBe(true);
});
