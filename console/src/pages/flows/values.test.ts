import { expect, it } from "vitest";
import { givenOf, inputsOf, textOf, valueOf } from "./values";

it("shows values as they would be typed, and reads them back", () => {
  for (const value of ["kept", "5", 5, true, null, { a: [1] }, "true", '"x"', "a b"]) expect(valueOf(textOf(value))).toEqual(value);
  expect(textOf(undefined)).toBe("");
  expect(givenOf({ a: "", b: "7", c: "x" })).toEqual({ b: 7, c: "x" });
});

it("reads what a flow may be begun with", () => {
  const document = { input: { a: { required: true, description: "where" }, b: { default: 3 }, c: null } };
  expect(inputsOf(document)).toEqual([
    { name: "a", description: "where", required: true, default: null },
    { name: "b", description: "", required: false, default: 3 },
    { name: "c", description: "", required: false, default: null },
  ]);
  expect(inputsOf(null)).toEqual([]);
});
