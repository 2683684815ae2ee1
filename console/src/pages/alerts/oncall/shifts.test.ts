import { expect, it } from "vitest";
import { daysOf, stretchesOf } from "./shifts";

const shift = (begins_at: string, ends_at: string, person: string | null) => ({ begins_at, ends_at, person, turn: person, by_override: false });

it("draws shifts within the days that are shown, one colour a person", () => {
  const found = stretchesOf(
    [shift("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", "wang"), shift("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z", null), shift("2026-11-04T00:00:00Z", "2026-11-09T00:00:00Z", "li")],
    "2026-11-02T00:00:00Z", "2026-11-06T00:00:00Z",
  );
  expect(found.map(({ left, width, color }) => [left, width, color])).toEqual([[0, 0.25, 1], [0.25, 0.25, -1], [0.5, 0.5, 0]]);
});

it("begins days where the clocks of the schedule do", () => {
  const days = daysOf("2026-11-06T10:00:00Z", "2026-11-08T16:00:00Z", "Asia/Shanghai", "en");
  expect(days.map(({ label, weekend }) => [label, weekend])).toEqual([["06/11", false], ["07/11", true], ["08/11", true]]);
  expect(days[1]?.left).toBeCloseTo(6 / 54, 5);
});
