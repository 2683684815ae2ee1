import { expect, it } from "vitest";
import { sinceBegun, stacked, ticksOf, topLines } from "./course";

const course = (counts: Record<number, number[]>) => ({
  times: [1, 2], lines: Object.entries(counts).map(([number, agents]) => ({ version_id: `v${number}`, number: Number(number), agents })),
});

it("shows who was run, the oldest together when there are many", () => {
  expect(topLines(course({ 2: [1, 1], 1: [3, 0], 3: [0, 0] }))).toEqual([{ number: 1, agents: [3, 0] }, { number: 2, agents: [1, 1] }]);
  const many = topLines(course({ 1: [1, 0], 2: [1, 1], 3: [0, 1], 4: [0, 2] }), 3);
  expect(many).toEqual([{ number: null, agents: [2, 1] }, { number: 3, agents: [0, 1] }, { number: 4, agents: [0, 2] }]);
});

it("stands areas on each other", () =>
  expect(stacked([{ number: 1, agents: [3, 1] }, { number: 2, agents: [0, 2] }])).toEqual([[[0, 3], [0, 1]], [[3, 3], [1, 3]]]));

it("spreads ticks up to the last place", () => {
  expect(ticksOf(10, 4)).toEqual([0, 3, 6, 9]);
  expect(ticksOf(2, 12)).toEqual([0, 1]);
});

it("begins with the moment before anybody ran it", () => {
  const late = { times: [1, 2, 3, 4], lines: [{ version_id: "v1", number: 1, agents: [0, 0, 0, 47] }] };
  expect(sinceBegun(late)).toEqual({ times: [3, 4], lines: [{ version_id: "v1", number: 1, agents: [0, 47] }] });
  expect(sinceBegun({ ...late, lines: [] }).times).toEqual([1, 2, 3, 4]);
});
