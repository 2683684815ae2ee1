import { expect, it } from "vitest";
import type { Overview } from "../../api/client";
import { failStage, queueStage, rank, reasonTone } from "./judge";

const reason = (code: string) => ({ code, params: {}, message: "" });
const slots = (failed: number, files: number) => Array.from({ length: 120 }, () => ({ at: 0, seconds: 30, files, bytes: 0, failed }));
const with_ = (part: object) => part as Overview;

it("tells what stops work first, the passing start last", () => {
  const reasons = ["starting", "watch_missing", "breaker_open", "journal_unavailable"].map(reason);
  const codes = rank({ reasons, state: "failing" }).map(({ code }) => code);
  expect(codes).toEqual(["breaker_open", "journal_unavailable", "watch_missing", "starting"]);
});

it("calls a paused destination critical only when none is left", () => {
  expect([reasonTone("breaker_open", "degraded"), reasonTone("breaker_open", "failing")]).toEqual(["warn", "crit"]);
});

it("judges failures by their share", () => {
  const stages = [[0, 100], [5, 95], [50, 50]].map(([failed, files]) =>
    failStage({ stepS: 30, slots: slots(failed ?? 0, files ?? 0), files: 0, bytes: 0, failed: 0 }).tone,
  );
  expect(stages).toEqual(["ok", "warn", "crit"]);
});

it("judges the queue by its mark", () => {
  expect([2, 80, 100].map((level_pct) => queueStage(with_({ queue: { level_pct } })).tone)).toEqual(["ok", "warn", "crit"]);
});
