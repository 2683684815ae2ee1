import { describe, expect, it } from "vitest";
import type { Attempt, TaskDetail } from "../../../api/tasks";
import type { I18n } from "../../../i18n/context";
import { translator } from "../../../i18n/translate";
import { keyOf, lanesOf, runsOf } from "./lanes";

const NOW = Date.parse("2026-11-26T10:01:00Z");
const i18n = { t: translator("zh"), language: "zh" } as unknown as I18n;
const attempt = (run: number, no: number, second: number, more: Partial<Attempt> = {}): Attempt => ({
  run_no: run, attempt_no: no, executor: "w1", outcome: "failed", error_class: "throttled", error: "503", result: null,
  started_at: `2026-11-26T10:00:${String(second).padStart(2, "0")}Z`, ended_at: `2026-11-26T10:00:${String(second + 2).padStart(2, "0")}Z`, duration_ms: 2_000, ...more,
});
const task = (more: Partial<TaskDetail>): TaskDetail => ({ state: "waiting", run_no: 1, next_run_at: null, ...more }) as TaskDetail;
/** As the server sends them: the newest first. */
const sent = [attempt(2, 4, 40, { outcome: "open", ended_at: null }), attempt(1, 3, 20), attempt(1, 2, 10), attempt(1, 1, 1)];

describe("attempts", () => {
  it("stand in their runs, in the order of time, each under the token of its lease", () => {
    expect(runsOf(sent).map(([run, some]) => [run, ...some.map(keyOf)])).toEqual([[1, "1.1", "1.2", "1.3"], [2, "2.4"]]);
  });

  it("count anew in each run and go on while they are open", () => {
    const [, second] = lanesOf(task({ run_no: 2 }), sent, i18n, NOW);
    expect(second?.bars).toMatchObject([{ key: "2.4", to: null, tone: "run" }]);
    expect(second?.bars[0]?.label).toContain("第 1 次");
  });

  it("show where the next one is expected", () => {
    const [lane] = lanesOf(task({ next_run_at: "2026-11-26T10:02:00Z" }), sent.slice(1), i18n, NOW);
    expect(lane?.bars.at(-1)).toMatchObject({ key: "next", planned: true });
    const [only] = lanesOf(task({ next_run_at: "2026-11-26T10:02:00Z" }), [], i18n, NOW);
    expect(only?.bars).toHaveLength(1);
  });
});
