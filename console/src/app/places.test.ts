import { expect, it } from "vitest";
import { isOwnPlace, placeBelow } from "./places";

it("cuts the prefix under which the console is served", () => {
  expect(placeBelow("/ops/gwf/", { pathname: "/ops/gwf/agents", search: "?q=a" })).toBe("/agents?q=a");
  expect(placeBelow("/", { pathname: "/", search: "" })).toBe("/");
});

it("returns to no other site", () => {
  expect(["/agents?q=a", "/"].every(isOwnPlace)).toBe(true);
  expect(["//example.org/", "/\\example.org", "https://example.org", "javascript:alert(1)", ""].some(isOwnPlace)).toBe(false);
});
