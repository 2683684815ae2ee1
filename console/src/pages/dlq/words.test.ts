import { describe, expect, it } from "vitest";
import { changedParts, isMoving, objectOf, takenLater } from "./words";

describe("what is typed as the new content", () => {
  it("counts only as a JSON object", () => {
    expect(objectOf('{"config": {"url": "x"}}')).toEqual({ config: { url: "x" } });
    expect([objectOf("[1]"), objectOf("null"), objectOf("{")]).toEqual([null, null, null]);
  });
  it("is sent in those parts that differ", () => {
    expect(changedParts({ config: { url: "a" }, target: "t" }, { config: { url: "b" }, target: "t" })).toEqual({ config: { url: "b" } });
  });
});

describe("a run", () => {
  it("says how many letters a later run took", () => {
    const parts = { resolved: 1, dropped: 0, replaying: 0, queued: 0, failed_again: 0, refused: 0 };
    expect(takenLater({ ...parts, total: 3 } as Parameters<typeof takenLater>[0])).toBe(2);
  });
  it("moves until what it handed out is done", () => {
    const run = { ended_at: "2026-01-01T00:00:00Z", replaying: 1 } as Parameters<typeof isMoving>[0];
    expect([isMoving(run), isMoving({ ...run, replaying: 0 })]).toEqual([true, false]);
  });
});
