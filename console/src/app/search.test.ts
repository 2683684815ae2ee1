import { expect, it } from "vitest";
import { parseSearch, stringifySearch, validate } from "./search";

it("reads and writes repeated keys", () => {
  const text = "?state=waiting&state=dead&q=a+b%2Fc&sel=7&lang=en";
  const search = validate(parseSearch(text));
  expect(search).toEqual({ state: ["waiting", "dead"], q: "a b/c", sel: 7, lang: "en" });
  expect(stringifySearch(search as Record<string, unknown>)).toBe(text);
});

it("drops what it does not know", () => {
  expect(validate(parseSearch("?state=lost&sel=x&lang=fr&page=2&q="))).toEqual({});
  expect(validate({ sel: -1, state: 3 })).toEqual({});
});

it("writes nothing for an empty search", () => expect(stringifySearch({ q: "", state: [] })).toBe(""));
