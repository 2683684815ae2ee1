import { describe, expect, it } from "vitest";
import type { RunDetail, RunStep } from "../../../api/flows";
import type { Attempt } from "../../../api/tasks";
import type { I18n } from "../../../i18n/context";
import { translator } from "../../../i18n/translate";
import { barKey, runLanes, stepOfBar, triesOf } from "./lanes";

const i18n = { t: translator("zh"), language: "zh" } as unknown as I18n;
const NOW = Date.parse("2026-11-26T10:10:00Z");
const at = (second: number): string => new Date(NOW - 600_000 + second * 1000).toISOString();
const step = (id: string, more: Partial<RunStep>): RunStep => ({ id, title: id, action: "WEBHOOK", tries: 1, task_id: `t-${id}`, undo_task_id: null, state: "succeeded", begun_at: at(0), ended_at: at(5), error_class: null, ...more }) as RunStep;
const attempt = (run: number, no: number, second: number, outcome: Attempt["outcome"] = "failed"): Attempt =>
  ({ run_no: run, attempt_no: no, outcome, error_class: outcome === "failed" ? "timeout" : null, started_at: at(second), ended_at: at(second + 2) }) as Attempt;
const run = (...steps: RunStep[]): RunDetail => ({ steps }) as unknown as RunDetail;

describe("the lanes of a run", () => {
  it("stand in the order in which steps began, those that have not begun last", () => {
    const lanes = runLanes(run(step("later", { begun_at: null, ended_at: null, state: "pending" }), step("b", { begun_at: at(3) }), step("a", {})), new Map(), i18n, NOW);
    expect(lanes.map(({ key, bars }) => [key, bars.length])).toEqual([["a", 1], ["b", 1], ["later", 0]]);
  });

  it("have a bar for each attempt that is known", () => {
    const tries = new Map([["t-a", [attempt(1, 2, 4, "succeeded"), attempt(1, 1, 0)]]]);
    const [lane] = runLanes(run(step("a", {})), tries, i18n, NOW);
    expect(lane?.bars.map(({ key, tone }) => [key, tone])).toEqual([["a:1.1", "crit"], ["a:1.2", "ok"]]);
    expect(stepOfBar(barKey("a", attempt(1, 2, 0)))).toBe("a");
  });

  it("show what undoes a step below it, by its own action or by another", () => {
    const tries = new Map([["t-a", [attempt(2, 2, 50, "succeeded"), attempt(1, 1, 0, "succeeded")]], ["u", [attempt(1, 1, 60, "succeeded")]]]);
    expect(triesOf(step("a", { state: "compensated" }), tries)).toMatchObject({ work: [{ run_no: 1 }], undo: [{ run_no: 2 }] });
    const lanes = runLanes(run(step("a", { state: "compensated" }), step("b", { state: "compensated", undo_task_id: "u" })), tries, i18n, NOW);
    expect(lanes.map(({ key, inner, bars }) => [key, inner ?? false, bars.length])).toEqual([["a", false, 1], ["a undo", true, 1], ["b", false, 1], ["b undo", true, 1]]);
  });

  it("leave a step that was done twice alone while it is not undone", () => {
    const tries = new Map([["t-a", [attempt(2, 2, 50, "succeeded"), attempt(1, 1, 0)]]]);
    expect(triesOf(step("a", {}), tries).work).toHaveLength(2);
  });
});
