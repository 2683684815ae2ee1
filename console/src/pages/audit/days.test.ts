import { expect, it } from "vitest";
import { columnsOf } from "./days";

const entries = [
  { day: "2026-01-02", actor_kind: "user", count: 2 },
  { day: "2026-01-02", actor_kind: "local", count: 1 },
  { day: "2026-01-04", actor_kind: "later", count: 5 },
];

it("shows the whole range, days without entries too, and adds kinds up", () => {
  const days = columnsOf({ days: entries, complete: true }, "2026-01-01", "2026-01-05");
  expect(days.map(({ day, all }) => [day, all])).toEqual([["2026-01-01", 0], ["2026-01-02", 3], ["2026-01-03", 0], ["2026-01-04", 5], ["2026-01-05", 0]]);
  expect([days[1]?.counts.people, days[3]?.counts.programs]).toEqual([3, 5]);
  expect(days.some(({ unknown }) => unknown)).toBe(false);
  expect(columnsOf({ days: [], complete: true }, "2026-01-01", "2026-01-02").map(({ all }) => all)).toEqual([0, 0]);
});

it("draws no zero where the server did not look", () => {
  const days = columnsOf({ days: entries, complete: false }, "2026-01-01", "2026-01-05");
  expect(days.map(({ unknown }) => unknown)).toEqual([true, false, false, false, false]);
});

it("puts several days into a column when there are too many", () => {
  const days = columnsOf({ days: entries, complete: true }, "2026-01-01", "2026-12-31");
  expect([days.length, days[0]?.day, days[0]?.until, days[0]?.all, days.at(-1)?.until]).toEqual([92, "2026-01-01", "2026-01-04", 8, "2026-12-31"]);
});
