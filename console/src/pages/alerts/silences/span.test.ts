import { describe, expect, it } from "vitest";
import { fieldOf, momentsOf } from "./span";

const NOW = Date.parse("2026-11-22T02:30:00Z");

describe("the time of a silence", () => {
  it("begins now and lasts as long as was chosen", () => {
    expect(momentsOf({ begin: "", length: "4h", end: "" }, NOW)).toEqual({ begins_at: "2026-11-22T02:30:00.000Z", ends_at: "2026-11-22T06:30:00.000Z" });
  });
  it("may begin later: a maintenance window", () => {
    const begin = fieldOf(NOW + 86_400_000);
    expect(momentsOf({ begin, length: "30m", end: "" }, NOW)).toEqual({ begins_at: "2026-11-23T02:30:00.000Z", ends_at: "2026-11-23T03:00:00.000Z" });
  });
  it("is none when it ends before it begins, or is over already", () => {
    expect(momentsOf({ begin: fieldOf(NOW + 3_600_000), length: "own", end: fieldOf(NOW + 60_000) }, NOW)).toBeNull();
    expect(momentsOf({ begin: fieldOf(NOW - 86_400_000), length: "1h", end: "" }, NOW)).toBeNull();
    expect(momentsOf({ begin: "", length: "own", end: "" }, NOW)).toBeNull();
  });
});
