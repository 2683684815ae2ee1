import { describe, expect, it } from "vitest";
import type { PlannedStep, RunDetail, RunStep } from "../../api/flows";
import { translator } from "../../i18n/translate";
import { fromOn, linksOf, nodesOf, RUN_TONE, sayRun } from "./words";

const step = (id: string, needs: string[] = [], more: Partial<RunStep> = {}): PlannedStep & Partial<RunStep> => ({
  id, title: id.toUpperCase(), action: "WEBHOOK", needs, conditional: false, allow_failure: false, compensation: "own", max_attempts: 3, timeout_s: 60, deadline_s: null, four_eyes: false, ...more,
});
const i18n = { t: translator("zh") };

describe("steps", () => {
  it("are a graph by what they need", () => {
    const steps = [step("a"), step("b", ["a"], { conditional: true }), step("c", ["a", "b"])];
    expect(linksOf(steps, i18n).map(({ from, to, dashed }) => [from, to, dashed])).toEqual([["a", "b", true], ["a", "c", false], ["b", "c", false]]);
    expect(nodesOf(steps, i18n).every(({ tone }) => tone === null)).toBe(true);
  });

  it("that ask for an approval wait for a person", () => {
    expect(nodesOf([step("ok", [], { action: "APPROVAL", state: "running" })], i18n)).toMatchObject([{ tone: "hold", kind: "approval" }]);
  });

  it("that follow a step are done again with it, those beside it are not", () => {
    const steps = [step("a"), step("b", ["a"]), step("c", ["a"]), step("d", ["b"]), step("e", ["c", "d"])];
    expect(fromOn(steps, "b")).toEqual(["b", "d", "e"]);
  });
});

describe("a run in one sentence", () => {
  for (const language of ["zh", "en"] as const) {
    it(`says something in every state (${language})`, () => {
      for (const state of Object.keys(RUN_TONE) as RunDetail["state"][]) {
        const said = sayRun({ state, steps: [step("a", [], { state: "failed" })], steps_total: 1, approvals: [] } as unknown as RunDetail, { t: translator(language) });
        expect(said).not.toMatch(/[{}]/);
        expect(said.length).toBeGreaterThan(3);
      }
    });
  }
});
