import { expect, it } from "vitest";
import { uploadsOf, windows } from "./result";

const NOW = Date.parse("2026-01-01T02:00:00Z");

it("looks as far back as the rollout is old, an hour at most", () => {
  expect(windows({ created_at: "2026-01-01T01:50:00Z", ended_at: null }, NOW)).toMatchObject({ lengthMs: 600_000 });
  expect(windows({ created_at: "2026-01-01T00:00:00Z", ended_at: null }, NOW)).toMatchObject({ lengthMs: 3_600_000 });
  expect(windows({ created_at: "2026-01-01T01:59:59Z", ended_at: null }, NOW)).toMatchObject({ lengthMs: 60_000 });
});

it("counts attempts that ended, well or badly", () =>
  expect(uploadsOf([{ value: "done", count: 8 }, { value: "failed", count: 1 }, { value: "dead", count: 1 }, { value: "found", count: 50 }])).toEqual({
    failed: 2, all: 10,
  }));
