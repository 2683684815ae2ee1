import { expect, it } from "vitest";
import { asGroup, fresh, kindOf, LEAVES, linesOf, meant, typedOf, valueOfLines } from "./conditions";

it("reads values as they were typed, and shows them so again", () => {
  for (const value of ["500", 500, true, "true", null, "a b", "", 'say "x"', -1.5]) expect(meant(typedOf(value))).toEqual(value);
  expect(typedOf("500")).toBe('"500"');
  expect(meant("2026-01-01")).toBe("2026-01-01");
});

it("keeps one value alone and several as a list", () => {
  expect(valueOfLines(" .gz \n\n .zst")).toEqual([".gz", ".zst"]);
  expect(valueOfLines(".gz")).toBe(".gz");
  expect(linesOf([".gz", 3])).toBe(".gz\n3");
});

it("turns groups into others without losing what stands in them", () => {
  const two = { all: [{ suffix: ".a" }, { suffix: ".b" }] };
  expect(asGroup(two, "any")).toEqual({ any: two.all });
  expect(asGroup(asGroup(two, "not"), "all")).toEqual({ all: [two] });
});

it("knows the kind of everything that it makes", () => {
  for (const kind of LEAVES) expect(kindOf(fresh(kind))).toBe(kind);
});
