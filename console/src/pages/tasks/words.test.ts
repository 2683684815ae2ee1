import { describe, expect, it } from "vitest";
import type { Task } from "../../api/tasks";
import { translator } from "../../i18n/translate";
import { isOver, STATE_TONE, mayCancel, mayRetry, mayUndo, sayOf, toneOf } from "./words";

const STATES = Object.keys(STATE_TONE) as Task["state"][];

const task = (more: Partial<Task>): Task => ({
  task_id: "tsk-1", type: "WEBHOOK", target: "a", state: "pending", executor: "worker", for_agent_id: null, held_by: null, priority: "normal",
  attempts: 2, max_attempts: 5, run_no: 1, error_class: null, failure_reason: "", next_run_at: null, created_by: "li", created_at: "2026-11-26T10:00:00Z",
  updated_at: "2026-11-26T10:00:00Z", finished_at: null, ...more,
});

describe("a task in one sentence", () => {
  for (const language of ["zh", "en"] as const) {
    const i18n = { t: translator(language), language } as Parameters<typeof sayOf>[1];
    it(`says something in every state (${language}), with every value filled in`, () => {
      for (const state of STATES) {
        const said = sayOf(task({ state, error_class: "throttled", next_run_at: "2026-11-26T10:00:05Z", held_by: "w1" }), i18n, Date.parse("2026-11-26T10:00:00Z"));
        expect(said).not.toMatch(/[{}]/);
        expect(said.length).toBeGreaterThan(3);
      }
    });
  }
});

describe("a task", () => {
  it("that only waits for its hour is no warning", () => {
    expect(toneOf(task({ state: "waiting" }))).toBe("mute");
    expect(toneOf(task({ state: "waiting", error_class: "timeout" }))).toBe("warn");
  });

  it("is cancelled before its end and done again after a bad one", () => {
    for (const state of STATES) expect(mayCancel(state) && isOver(state)).toBe(false);
    expect(mayRetry("dead")).toBe(true);
    expect(mayRetry("succeeded")).toBe(false);
    expect(mayUndo("succeeded", false)).toBe(false);
  });
});
