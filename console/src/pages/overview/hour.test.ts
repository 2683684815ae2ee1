import { expect, it } from "vitest";
import { hourOf } from "./hour";

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000).toISOString();
const point = (seconds: number, files: number) => ({ at: at(seconds), files, bytes: files * 10, failed_attempts: 1 });
const now = (points: ReturnType<typeof point>[], started = -9_000) => ({
  rates: { step_s: 10, files_per_s: 0, bytes_per_s: 0, points },
  as_of: at(5),
  started_at: at(started),
});

it("fills what the server leaves out with zero", () => {
  const { slots, stepS } = hourOf(now([point(0, 3)]));
  expect([slots.length, stepS, slots.at(-1)?.files, slots.at(-2)?.files]).toEqual([120, 30, 3, 0]);
});

it("adds up intervals that are too fine to draw", () => {
  const { slots, files, bytes, failed } = hourOf(now([point(-30, 1), point(-20, 2), point(-10, 4), point(0, 8)]));
  expect([slots.at(-2)?.files, slots.at(-1)?.files, files, bytes, failed]).toEqual([7, 8, 15, 150, 4]);
});

it("leaves a gap where the process did not run", () => {
  const { slots } = hourOf(now([point(-3000, 5)], -600));
  expect(slots.filter((slot) => slot.files === null).length).toBe(98);
  expect(slots.find((slot) => slot.files === 5)).toBeDefined();
});

it("measures the running interval by what has passed of it", () => {
  expect(hourOf(now([point(0, 3)])).slots.slice(-2).map((slot) => slot.seconds)).toEqual([30, 5]);
});

it("drops what is older than the hour", () => {
  expect(hourOf(now([point(-4000, 5)])).files).toBe(0);
});
