import { expect, it } from "vitest";
import { changesBetween } from "./changes";

it("names what differs by its pointer", () => {
  const before = { when: { type: "a" }, then: [{ action: "WEBHOOK" }], priority: 0 };
  const after = { when: { type: "b" }, then: [{ action: "WEBHOOK" }, { action: "NOTIFY" }], owner: "x/y" };
  expect(changesBetween(before, after).map(({ path, kind }) => [path, kind])).toEqual([
    ["/when/type", "changed"], ["/then/1", "added"], ["/priority", "removed"], ["/owner", "added"],
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});
