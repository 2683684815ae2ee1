import { expect, it } from "vitest";
import { parseSearch } from "../../app/search";
import { validate } from "./search";

it("reads states, text and the open row", () => {
  const search = validate(parseSearch("?state=waiting&state=dead&q=a+b%2Fc&sel=7"));
  expect(search).toEqual({ state: ["waiting", "dead"], q: "a b/c", sel: 7 });
});

it("drops what it does not know", () => {
  expect(validate(parseSearch("?state=lost&sel=x&page=2&q="))).toEqual({});
  expect(validate({ sel: -1, state: 3 })).toEqual({});
});
