import { expect, it } from "vitest";
import { changeOf, dotted, isMasked, removalsOf, shown } from "./values";

it("names a place as configuration files do", () => {
  expect(dotted("/agent/watch/0/key")).toBe("agent.watch[0].key");
  expect(dotted("/labels/a~1b~0c")).toBe("labels.a/b~c");
  expect(dotted("")).toBe("");
});

it("sees secrets at any depth", () => {
  expect([isMasked("******"), isMasked({ a: ["******"] }), isMasked("*****"), isMasked(null)]).toEqual([true, true, false, false]);
});

it("writes values on one line", () => {
  expect([shown("a b"), shown(["x", "y"]), shown({ a: 1 }), shown(null), shown(true)]).toEqual(["a b", "x · y", '{"a":1}', "null", "true"]);
});

it("tells added from removed by the side that is absent", () => {
  expect(changeOf("/a", { after: null }).kind).toBe("added");
  expect(changeOf("/a", { before: 1 }).kind).toBe("removed");
  expect(changeOf("/a", { before: 1, after: 2 }).kind).toBe("changed");
});

it("lists every value of a document as one that goes", () => {
  expect(removalsOf({ agent: { watch: [1], "a/b": { c: null } }, server: {} })).toEqual([
    { path: "/agent/watch", kind: "removed", before: [1], after: undefined },
    { path: "/agent/a~1b/c", kind: "removed", before: null, after: undefined },
  ]);
  expect(removalsOf({})).toEqual([]);
});
