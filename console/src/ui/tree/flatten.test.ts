import { describe, expect, it } from "vitest";
import { type Branch, linesOf, step, type TreeItem } from "./flatten";

const dir = (key: string): TreeItem => ({ key, name: key, branch: true });
const file = (key: string): TreeItem => ({ key, name: key, branch: false });
const ready = (items: TreeItem[], more = false): Branch<TreeItem> => ({ items, more, state: "ready" });

const branches = new Map<string, Branch<TreeItem>>([
  ["", ready([dir("a"), dir("b"), file("c")])],
  ["a", ready([dir("a/x"), file("a/y")], true)],
  ["a/x", ready([])],
]);
const shown = (open: string[]): string[] =>
  linesOf("", branches, new Set(open)).map(({ kind, key, depth }) => `${depth} ${kind === "item" ? key : kind}`);

describe("the lines of a tree", () => {
  it("show what is open, and what is not there yet", () => {
    expect(shown([])).toEqual(["0 a", "0 b", "0 c"]);
    expect(shown(["a", "a/x"])).toEqual(["0 a", "1 a/x", "2 empty", "1 a/y", "1 more", "0 b", "0 c"]);
    expect(shown(["b"])).toEqual(["0 a", "0 b", "1 loading", "0 c"]);
    expect(shown(["a/x"])).toEqual(["0 a", "0 b", "0 c"]);
  });

  it("tell the place of each of a hundred thousand nodes", () => {
    const many = Array.from({ length: 100_000 }, (_, number) => file(`${number}`));
    const lines = linesOf("", new Map([["", ready(many)]]), new Set());
    expect(lines.length).toBe(100_000);
    expect(lines[99_999]).toMatchObject({ place: 100_000, of: 100_000 });
  });
});

describe("arrow keys", () => {
  const lines = linesOf("", branches, new Set(["a"]));
  it("walk over items only", () => {
    expect(step(lines, 2, "ArrowDown")).toEqual({ go: 4 });
    expect(step(lines, 4, "ArrowUp")).toEqual({ go: 2 });
    expect(step(lines, 0, "ArrowUp")).toEqual({ go: 0 });
    expect(step(lines, 0, "End")).toEqual({ go: 5 });
  });
  it("open, enter, leave and close", () => {
    expect(step(lines, 1, "ArrowRight")).toEqual({ toggle: "a/x" });
    expect(step(lines, 0, "ArrowRight")).toEqual({ go: 1 });
    expect(step(lines, 2, "ArrowLeft")).toEqual({ go: 0 });
    expect(step(lines, 0, "ArrowLeft")).toEqual({ toggle: "a" });
    expect(step(lines, 5, "ArrowRight")).toEqual({});
  });
});
