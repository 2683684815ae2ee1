import { expect, it } from "vitest";
import { columnsOf } from "./days";

it("leaves no day out and adds kinds up", () => {
  const days = columnsOf({
    days: [
      { day: "2026-01-01", actor_kind: "user", count: 2 },
      { day: "2026-01-01", actor_kind: "local", count: 1 },
      { day: "2026-01-03", actor_kind: "later", count: 5 },
    ],
  });
  expect(days.map(({ day, all }) => [day, all])).toEqual([["2026-01-01", 3], ["2026-01-02", 0], ["2026-01-03", 5]]);
  expect(days[0]?.counts.people).toBe(3);
  expect(columnsOf({ days: [] })).toEqual([]);
});
