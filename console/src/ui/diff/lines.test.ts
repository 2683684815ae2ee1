import { expect, it } from "vitest";
import { diffLines, diffWords, folded, type Line, linesOf, sideBySide, steps } from "./lines";

const textOf = (line: Line): string => line.parts.map((part) => part.text).join("");
const side = (lines: Line[], kind: "old" | "new"): string[] =>
  lines.filter((line) => line.kind === "same" || line.kind === kind).map(textOf);

/** A small generator of numbers, so that the same texts are tried each time. */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => (state = (state * 48_271) % 2_147_483_647) % most;
}

it("gives both texts back, whatever they are", () => {
  const roll = dice(7);
  for (let round = 0; round < 300; round++) {
    const make = (): string => Array.from({ length: roll(14) }, () => "abcd"[roll(4)]).join("\n");
    const [a, b] = [make(), make()];
    const lines = diffLines(a, b);
    expect(side(lines, "old")).toEqual(linesOf(a));
    expect(side(lines, "new")).toEqual(linesOf(b));
    expect(lines.filter((line) => line.kind !== "old").map((line) => line.new)).toEqual(linesOf(b).map((_, n) => n + 1));
  }
});

it("takes the shortest way", () => {
  expect(steps([..."abcabba"], [..."cbabac"]).filter((op) => op !== "same")).toHaveLength(5);
  expect(steps(["x"], ["x"])).toEqual(["same"]);
});

it("replaces all of what differs too much to be read", () => {
  const lines = (word: string): string => Array.from({ length: 2_000 }, (_, n) => `${word}${n}`).join("\n");
  const found = diffLines(lines("a"), lines("b"));
  expect(found).toHaveLength(4_000);
  expect(side(found, "new")).toEqual(linesOf(lines("b")));
});

it("marks the words of a line that changed", () => {
  const [before, after] = diffWords("  workers: 8", "  workers: 32");
  expect(before.filter((part) => part.changed)).toEqual([{ text: "8", changed: true }]);
  expect(after.filter((part) => part.changed)).toEqual([{ text: "32", changed: true }]);
});

it("marks the whole line when hardly a word is common", () =>
  expect(diffWords("abc", "xyz")).toEqual([[{ text: "abc", changed: true }], [{ text: "xyz", changed: true }]]));

it("folds what is far from a change, never a single line", () => {
  const before = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const after = before.with(10, "other");
  const found = folded(diffLines(before.join("\n"), after.join("\n")), 3);
  expect(found.map((one) => (one.kind === "fold" ? one.lines.length : one.kind))).toEqual([
    7, "same", "same", "same", "old", "new", "same", "same", "same", 6,
  ]);
  expect(folded(diffLines("a\nb\nc\nd\ne", "a\nb\nc\nd\nx"), 3).some((one) => one.kind === "fold")).toBe(false);
});

it("puts what was replaced beside what replaces it", () => {
  const pairs = sideBySide(diffLines("a\nb\nc", "a\nx\ny\nc"));
  expect(pairs.map((pair) => ("left" in pair ? [pair.left && textOf(pair.left), pair.right && textOf(pair.right)] : []))).toEqual([
    ["a", "a"], ["b", "x"], [null, "y"], ["c", "c"],
  ]);
});
