import { expect, it } from "vitest";
import type { Tone } from "../Status";
import { cellsOf, neighbour } from "./cells";

const agents = (...tones: Tone[]) => tones.map((tone, n) => ({ id: `a${n}`, name: `host-${n}`, tone, word: tone }));

it("gives each agent a cell as long as there is room", () => {
  const { cells, each } = cellsOf(agents("ok", "crit", "mute"), 3);
  expect([each, cells.map((cell) => cell.tone)]).toEqual([1, ["ok", "crit", "mute"]]);
});

it("lets a cell speak of the worst of its agents and loses none", () => {
  const { cells, each } = cellsOf(agents("ok", "ok", "ok", "crit", "run", "mute", "ok"), 3);
  expect(each).toBe(3);
  expect(cells.map((cell) => cell.tone)).toEqual(["ok", "crit", "ok"]);
  expect(cells.flatMap((cell) => cell.agents)).toHaveLength(7);
});

it("has no cells without agents", () => expect(cellsOf([], 10)).toEqual({ cells: [], each: 1 }));

it("walks within the rows", () => {
  expect(neighbour("ArrowDown", 3, 10, 4)).toBe(7);
  expect(neighbour("ArrowDown", 7, 10, 4)).toBeNull();
  expect(neighbour("ArrowLeft", 0, 10, 4)).toBeNull();
  expect(neighbour("End", 0, 10, 4)).toBe(9);
  expect(neighbour("x", 0, 10, 4)).toBeNull();
});
