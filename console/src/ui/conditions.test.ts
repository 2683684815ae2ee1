import { expect, it } from "vitest";
import { cellAt, gridOf, walk } from "./cells";
import { barsOf, runsOf } from "./conditions";

it("tells a strip in stretches, by minutes before now", () => {
  expect(runsOf(`${"-".repeat(2)}${"o".repeat(25)}fff`)).toEqual([
    { condition: "unknown", from: 30, to: 28 },
    { condition: "online", from: 28, to: 3 },
    { condition: "failing", from: 3, to: 0 },
  ]);
});

it("takes a letter of a later version for unknown", () => expect(runsOf("oz").at(-1)?.condition).toBe("unknown"));

it("lays cells out in as many columns as fit", () => {
  expect(gridOf(10, 54, 12)).toEqual({ columns: 4, height: 40 });
  expect(gridOf(3, 0, 12).columns).toBe(1);
  expect(gridOf(0, 100, 12).height).toBe(0);
});

it("finds the cell under the pointer, and none in the gap or behind the last", () => {
  const grid = gridOf(5, 54, 12);
  expect([cellAt(0, 0, 5, grid, 12), cellAt(15, 15, 5, grid, 12), cellAt(2, 16, 5, grid, 12)]).toEqual([0, null, 4]);
  expect([cellAt(13, 3, 5, grid, 12), cellAt(60, 3, 5, grid, 12)]).toEqual([null, null]);
});

it("walks by keys and stops at the edges", () => {
  const from = (key: string, at: number) => walk(key, at, 10, 4);
  expect([from("ArrowRight", 9), from("ArrowDown", 5), from("ArrowDown", 7), from("ArrowUp", 2)]).toEqual([9, 9, 7, 2]);
  expect([from("Home", 7), from("End", 0), from("x", 1)]).toEqual([0, 9, null]);
});

it("draws a strip with one path for each condition", () => {
  expect(barsOf("-oo")).toEqual([
    ["unknown", "M0.5 6h3v2h-3z"],
    ["online", "M4.5 .5h2v13h-2zM8.5 .5h2v13h-2z"],
  ]);
});
