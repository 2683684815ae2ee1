import { expect, it } from "vitest";
import { entriesOf } from "./entries";

it("puts a head line before each group of rows", () => {
  const entries = entriesOf([1, 2, 11, 12, 3], (row) => (row > 10 ? "high" : "low"));
  expect(entries.map((entry) => "text" in entry ? entry.text : entry.row)).toEqual(["low", 1, 2, "high", 11, 12, "low", 3]);
  expect(entries.map(({ index }) => index)).toEqual([-1, 0, 1, -1, 2, 3, -1, 4]);
});

it("puts none where rows are not grouped", () => expect(entriesOf([1, 2], undefined)).toHaveLength(2));
