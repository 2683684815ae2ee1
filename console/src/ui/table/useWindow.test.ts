import { expect, it } from "vitest";
import { visibleRange } from "./useWindow";

it("draws short lists whole", () => expect(visibleRange(-5_000, 900, 30, 100)).toEqual([0, 100]));

it("draws what lies in the window and a little more", () => {
  expect(visibleRange(200, 900, 30, 10_000)).toEqual([0, 40]);
  expect(visibleRange(-3_000, 900, 30, 10_000)).toEqual([90, 140]);
});

it("never leaves the list", () => {
  const [from, to] = visibleRange(-400_000, 900, 30, 10_000);
  expect([from, to]).toEqual([9_990, 10_000]);
  expect(visibleRange(50_000, 900, 30, 10_000)).toEqual([0, 10]);
});

it("always covers the window, wherever it is", () => {
  for (let top = -290_000; top < 900; top += 777) {
    const [from, to] = visibleRange(top, 900, 30, 10_000);
    expect(from * 30).toBeLessThanOrEqual(Math.max(0, -top));
    expect(to * 30).toBeGreaterThanOrEqual(Math.min(300_000, 900 - top));
  }
});
