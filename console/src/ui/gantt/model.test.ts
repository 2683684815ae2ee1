import { describe, expect, it } from "vitest";
import { type Bar, type Lane, placed, spanOf, ticksOf, walk, widthOf } from "./model";

const bar = (key: string, from: number, to: number | null, more: Partial<Bar> = {}): Bar => ({ key, from, to, tone: "ok", word: "", text: key, label: key, ...more });
const lane = (...bars: Bar[]): Lane => ({ key: bars[0]?.key ?? "", name: "", bars });

describe("the span", () => {
  it("reaches from the first begin to now while something goes on", () => {
    const { from, to } = spanOf([lane(bar("a", 1_000, 4_000)), lane(bar("b", 5_000, null))], 21_000);
    expect([from, to]).toEqual([1_000, 22_000]);
  });

  it("has a length even when all happened in one moment", () => {
    const { from, to } = spanOf([lane(bar("a", 7, 7))], 7);
    expect(to - from).toBeGreaterThanOrEqual(1_000);
  });

  it("does not run on when everything ended long ago", () => {
    expect(spanOf([lane(bar("a", 0, 10_000))], 9_000_000).to).toBe(10_500);
  });
});

describe("lines of time", () => {
  it("stand at even steps and are not too many", () => {
    expect(ticksOf({ from: 500, to: 62_500 }, 7)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(ticksOf({ from: 0, to: 40 * 365 * 86_400_000 }, 5).length).toBeLessThan(50);
  });
});

describe("bars", () => {
  const span = { from: 0, to: 100_000 };

  it("lie where their time is", () => {
    expect(placed(lane(bar("a", 10_000, 30_000)), span, 500, 0)).toMatchObject([{ x: 50, width: 100, text: "a" }]);
  });

  it("are seen however short, one beside the other", () => {
    const [a, b] = placed(lane(bar("a", 10_000, 10_001), bar("b", 10_002, 10_003)), span, 500, 0);
    expect(a?.width).toBe(4);
    expect(b?.x).toBeGreaterThanOrEqual((a?.x ?? 0) + 4);
  });

  it("stay within the picture and show no text that does not fit", () => {
    const [first, last] = placed(lane(bar("a", 0, 5_000, { text: "第 12 次", brief: "12" }), bar("b", 100_000, null, { brief: "13" })), span, 500, 100_500);
    expect(first?.text).toBe("12");
    expect(last).toMatchObject({ x: 496, width: 4, text: "" });
    expect(widthOf("第 12 次")).toBeGreaterThan(widthOf("12"));
  });
});

describe("arrow keys", () => {
  const span = { from: 0, to: 100 };
  const rows = [lane(bar("a", 0, 10), bar("b", 50, 60)), { key: "-", name: "", bars: [] }, lane(bar("c", 48, 70))].map((one) => placed(one, span, 1_000, 0));

  it("walk along a row and on into the next one that has bars", () => {
    expect(walk("ArrowRight", { lane: 0, bar: 0 }, rows)).toEqual({ lane: 0, bar: 1 });
    expect(walk("ArrowRight", { lane: 0, bar: 1 }, rows)).toEqual({ lane: 2, bar: 0 });
    expect(walk("ArrowLeft", { lane: 2, bar: 0 }, rows)).toEqual({ lane: 0, bar: 1 });
    expect(walk("ArrowLeft", { lane: 0, bar: 0 }, rows)).toEqual({ lane: 0, bar: 0 });
  });

  it("lead up and down to what is nearest in time", () => {
    expect(walk("ArrowUp", { lane: 2, bar: 0 }, rows)).toEqual({ lane: 0, bar: 1 });
    expect(walk("ArrowDown", { lane: 2, bar: 0 }, rows)).toEqual({ lane: 2, bar: 0 });
  });

  it("lead to both ends, and other keys nowhere", () => {
    expect(walk("End", { lane: 0, bar: 0 }, rows)).toEqual({ lane: 2, bar: 0 });
    expect(walk("Home", { lane: 2, bar: 0 }, rows)).toEqual({ lane: 0, bar: 0 });
    expect(walk("a", { lane: 0, bar: 0 }, rows)).toBeNull();
  });
});
