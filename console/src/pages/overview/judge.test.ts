import { expect, it } from "vitest";
import type { Overview } from "../../api/client";
import { concerned, failStage, queueStage, rank, reasonTone, sendStage, storeJudgement } from "./judge";

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
  const at = (level_pct: number) => with_({ queue: { level_pct }, reasons: [], state: "ok" });
  expect([2, 80, 100].map((level_pct) => queueStage(at(level_pct)).tone)).toEqual(["ok", "warn", "crit"]);
});

it("never shows a green queue beside a reason about it", () => {
  const stage = (code: string) =>
    queueStage(with_({ queue: { level_pct: 2 }, reasons: [reason(code)], state: "degraded" }));
  expect(stage("high_water_oldest")).toEqual({ tone: "warn", word: "backlog" });
  expect(stage("high_water_files")).toEqual({ tone: "warn", word: "backlog" });
  expect(stage("journal_unavailable")).toEqual({ tone: "crit", word: "trouble" });
});

it("names what fails before what a person holds back", () => {
  const reasons = ["breaker_manual", "high_water_oldest", "breaker_open"].map(reason);
  const worst = (state: "degraded" | "failing") => rank({ reasons, state })[0]?.code;
  expect([worst("degraded"), worst("failing")]).toEqual(["high_water_oldest", "breaker_open"]);
});

const store = (part: object) => ({ state: "ok", breaker: "closed", breaker_manual: false, ...part }) as Overview["stores"][number];

it("judges a destination by its breaker before its last probe", () => {
  const held = store({ breaker: "open", breaker_manual: true });
  const stores = [store({}), held, store({ breaker: "open" }), store({ breaker: "half_open" }), store({ state: "failing" })];
  expect(stores.map((one) => storeJudgement(one).word)).toEqual(["ok", "held", "paused", "trial", "failing"]);
  expect(concerned(stores)).toHaveLength(4);
  expect(sendStage(with_({ stores: [store({}), held] }))).toEqual({ tone: "warn", word: "held" });
});
