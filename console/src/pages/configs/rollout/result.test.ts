import { expect, it } from "vitest";
import type { Move } from "../../../api/configs";
import { translator } from "../../../i18n/translate";
import { filesPerMin, isWorse, markersOf } from "./result";

const sums = (done: number, failed: number) => ({ done, failed_attempts: failed });

it("calls it worse only where more of what was tried fails", () => {
  expect(isWorse(sums(100, 0), sums(100, 5))).toBe(true);
  expect(isWorse(sums(100, 5), sums(10, 0))).toBe(false);
  expect(isWorse(sums(1000, 10), sums(1000, 12))).toBe(false);
  expect(isWorse(sums(0, 0), sums(0, 3))).toBe(true);
  expect([filesPerMin(30, 60), filesPerMin(5, 0)]).toEqual([30, 0]);
});

it("marks the begin, the waves and what became of it, in their order", () => {
  const move = (seq: number, minute: number, changes: object[], action = "rollout.move") => ({ seq, action, at: `2026-01-01T01:0${minute}:00Z`, changes }) as Move;
  const moves = [
    move(9, 5, [{ path: "/status", after: "reverting" }, { path: "/cause/code", after: "failure_share" }]),
    move(7, 3, [{ path: "/wave", before: 0, after: 1 }]),
    move(5, 2, [{ path: "/met_since" }]),
    move(3, 1, [{ path: "/wave", after: 0 }, { path: "/status", after: "running" }], "rollout.create"),
  ];
  const marks = markersOf({ began_at: "2026-01-01T01:01:00Z" }, moves, translator("zh"));
  expect(marks.map(({ label, tone }) => [label, tone])).toEqual([["第 1 批开始", "run"], ["第 2 批开始", "run"], ["正在回滚", "warn"]]);
});
