import { expect, it } from "vitest";
import type { Move, RolloutDetail, Seat } from "../../../api/configs";
import { logOf } from "./log";
import { waveState } from "./waveViews";

const move = (seq: number, at: string, after?: string): Move => ({
  seq, at, action: "rollout.move", actor_kind: "system", actor: "rollout", reason: "", offered: 0,
  changes: after ? [{ path: "/status", before: "running", after }] : [],
});
const seat = (id: string, state: Seat["state"], at: string): Seat => ({
  agent_id: id, hostname: id, wave: 0, state, offered_at: at, changed_at: at, reason: [],
});

it("joins what was done with what agents answered, newest first", () => {
  const lines = logOf(
    [move(3, "2026-01-01T00:03:00Z", "reverting"), move(1, "2026-01-01T00:01:00Z")],
    [seat("a", "failed", "2026-01-01T00:02:00Z"), seat("b", "applied", "2026-01-01T00:02:30Z")],
  );
  expect(lines.map(({ key, tone }) => [key, tone])).toEqual([["3", "warn"], ["a", "crit"], ["1", "run"]]);
});

it("tells the waves that passed from the one that failed and those that never began", () => {
  const of = (status: RolloutDetail["status"], code?: "failure_share" | "person") =>
    [0, 1, 2].map((place) => waveState({ status, wave: 1, cause: code ? { code, by: "", reason: "", facts: {} } : null } as RolloutDetail, place));
  expect(of("running")).toEqual(["done", "now", "next"]);
  expect(of("paused", "person")).toEqual(["done", "paused", "next"]);
  expect(of("paused", "failure_share")).toEqual(["done", "failed", "next"]);
  expect(of("reverted", "failure_share")).toEqual(["back", "failed", "never"]);
  expect(of("reverted", "person")).toEqual(["back", "back", "never"]);
  expect(of("completed")).toEqual(["done", "done", "done"]);
});
