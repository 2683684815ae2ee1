import { describe, expect, it } from "vitest";
import { type Edge, layoutOf } from "./layout";

const SIZE = { width: 100, height: 40, gapX: 50, gapY: 20 };
const edges = (...pairs: string[]): Edge[] => pairs.map((pair) => ({ from: pair[0] ?? "", to: pair[1] ?? "" }));
const spot = (layout: ReturnType<typeof layoutOf>, key: string) => layout.spots.find((one) => one.key === key);

describe("the layout", () => {
  it("puts each node right of all that lead to it", () => {
    const made = layoutOf(["a", "b", "c", "d"], edges("ab", "ac", "cb", "bd"), SIZE);
    expect(["a", "c", "b", "d"].map((key) => spot(made, key)?.layer)).toEqual([0, 1, 2, 3]);
    expect(made.width).toBe(4 * 100 + 3 * 50);
  });

  it("lets no two nodes lie on each other", () => {
    const keys = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index));
    const { spots } = layoutOf(keys, edges("ab", "ac", "ad", "ae", "bf", "cf", "dg", "eg", "fh", "gh", "al"), SIZE);
    for (const one of spots) {
      for (const other of spots) {
        if (one.key < other.key) expect(Math.abs(one.x - other.x) >= 100 || Math.abs(one.y - other.y) >= 40).toBe(true);
      }
    }
  });

  it("orders a layer so that lines do not cross", () => {
    const made = layoutOf(["a", "b", "d", "c"], edges("ac", "bd"), SIZE);
    const [a, b, c, d] = ["a", "b", "c", "d"].map((key) => spot(made, key)?.y ?? 0);
    expect(Math.sign((a ?? 0) - (b ?? 0))).toBe(Math.sign((c ?? 0) - (d ?? 0)));
  });

  it("draws every line, also one that closes a circle, and drops what leads nowhere", () => {
    const made = layoutOf(["a", "b"], [...edges("ab", "ba"), { from: "a", to: "nobody" }], SIZE);
    expect(made.lines.map(({ from, to }) => from + to)).toEqual(["ab", "ba"]);
    expect(made.spots).toHaveLength(2);
  });

  it("leads a long line past what lies between", () => {
    const made = layoutOf(["a", "b", "c"], edges("ab", "bc", "ac"), SIZE);
    const long = made.lines.find(({ from, to }) => from === "a" && to === "c");
    expect(long?.path.match(/C/g)).toHaveLength(3);
  });

  it("is empty without nodes", () => {
    expect(layoutOf([], [], SIZE)).toMatchObject({ spots: [], lines: [], width: 0, height: 0 });
  });
});
