import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reopenMs } from "./LiveFeed";
import { Throttle } from "./throttle";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("runs at once, then once for all that came meanwhile", () => {
  const throttle = new Throttle(1_000);
  const ran: string[] = [];
  for (const name of ["a", "b", "c"]) throttle.call("key", () => ran.push(name));
  expect(ran).toEqual(["a"]);
  vi.advanceTimersByTime(1_000);
  expect(ran).toEqual(["a", "c"]);
  vi.advanceTimersByTime(5_000);
  throttle.call("key", () => ran.push("d"));
  expect(ran).toEqual(["a", "c", "d"]);
});

it("keeps keys apart", () => {
  const throttle = new Throttle(1_000);
  const ran: string[] = [];
  for (const key of ["x", "y"]) throttle.call(key, () => ran.push(key));
  expect(ran).toEqual(["x", "y"]);
});

it("asks a server that refuses ever more rarely", () => {
  expect([0, 1, 2, 3, 4, 9].map(reopenMs)).toEqual([3_000, 3_000, 6_000, 12_000, 24_000, 30_000]);
});
