import { expect, it } from "vitest";
import { ageOf, SIZES, sizeOf } from "./ranges";

it("asks for sizes without a gap between them", () => {
  expect(sizeOf("small")).toEqual({ min_bytes: 0, max_bytes: 1_048_575 });
  expect(sizeOf("huge")).toEqual({ min_bytes: 1_073_741_824 });
  expect(sizeOf("other")).toEqual({});
  for (const [index, { to }] of SIZES.slice(0, -1).entries()) expect(SIZES[index + 1]?.from).toBe((to ?? 0) + 1);
});

it("counts ages back from now", () => {
  const now = Date.UTC(2026, 10, 26, 8);
  expect(ageOf("hour", now)).toEqual({ modified_from: "2026-11-26T07:00:00.000Z" });
  expect(ageOf("older", now)).toEqual({ modified_to: "2026-10-27T08:00:00.000Z" });
  expect(ageOf(undefined, now)).toEqual({});
});
