import { expect, it } from "vitest";
import { lostOf, parseSearch, stringifySearch, validateFrame, validateList } from "./search";

it("reads and writes repeated keys", () => {
  const text = "?state=waiting&state=dead&q=a+b%2Fc&sel=7&lang=en";
  expect(stringifySearch(parseSearch(text))).toBe(text);
  expect(validateFrame(parseSearch(text))).toEqual({ lang: "en" });
});

it("drops what it does not know", () => expect(validateFrame(parseSearch("?lang=fr&page=2"))).toEqual({}));

it("names what it drops, for the router keeps what is not mentioned", () => {
  expect(Object.keys(validateFrame({ lang: "fr", from: "soon", page: "2" }))).toEqual(["lang", "from"]);
  expect(Object.keys(validateList(["state"], ["age"])({ sort: "-size", state: "dead" }))).toEqual(["state", "sort"]);
});

it("writes nothing for an empty search", () => expect(stringifySearch({ q: "", state: [] })).toBe(""));

it("takes only values that a filter can have", () => {
  const read = validateList(["state", "group"], ["age"], { state: ["dead", "done"] });
  expect(read({ state: ["dead", "gone"], group: "any", sort: "-age" })).toEqual({ state: ["dead"], group: ["any"], sort: "-age" });
});

it("tells what a page did not take, value by value, and leaves keys alone that no page knows", () => {
  const asked = parseSearch("?state=dead&state=gone&sort=size&page=2&q=");
  const read = validateList(["state"], ["age"], { state: ["dead"] });
  expect(lostOf(asked, { ...asked, ...read(asked) })).toEqual([["state", "gone"], ["sort", "size"]]);
});
