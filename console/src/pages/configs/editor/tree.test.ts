import { expect, it } from "vitest";
import type { Setting } from "../../../api/configs";
import { countOf, parsed, pointerOf, typedOf, valueAt, withValue } from "./tree";

const setting = (kind: Setting["kind"]): Setting => ({
  name: "x", kind, meaning: "", required: false, default: null, bounds: "", choices: [], keys: [], item: null,
});

it("sets values on the way and takes empty blocks away", () => {
  const one = withValue({}, ["agent", "transfer", "workers"], 8);
  expect(one).toEqual({ agent: { transfer: { workers: 8 } } });
  expect(withValue(one, ["agent", "transfer", "workers"], undefined)).toEqual({});
  const two = withValue(one, ["agent", "retry", "base"], "1s");
  expect(withValue(two, ["agent", "transfer", "workers"], undefined)).toEqual({ agent: { retry: { base: "1s" } } });
  expect(one).toEqual({ agent: { transfer: { workers: 8 } } });
});

it("keeps the place of a list's item that became empty", () => {
  const two = withValue({ watch: [{ path: "/a" }, { path: "/b" }] }, ["watch", 0, "path"], undefined);
  expect(two).toEqual({ watch: [{}, { path: "/b" }] });
  expect(withValue(two, ["watch", 0], undefined)).toEqual({ watch: [{ path: "/b" }] });
  expect(withValue({}, ["watch", 0, "path"], "/a")).toEqual({ watch: [{ path: "/a" }] });
});

it("finds values, or nothing", () => {
  const document = { a: [{ b: 1 }] };
  expect([valueAt(document, ["a", 0, "b"]), valueAt(document, ["a", 1, "b"]), valueAt(document, ["a", "x", "y"])]).toEqual([1, undefined, undefined]);
  expect(pointerOf(["a", 0, "b/c~"])).toBe("/a/0/b~1c~0");
});

it("takes what is typed by the kind of the setting", () => {
  expect(parsed(setting("whole number"), " 8 ")).toBe(8);
  expect(parsed(setting("whole number"), "many")).toBe("many");
  expect(parsed(setting("duration"), "10s")).toBe("10s");
  expect(parsed(setting("true or false"), "false")).toBe(false);
  expect(parsed(setting("list"), ".log\n\n .gz ")).toEqual([".log", ".gz"]);
  expect(parsed(setting("text"), "  ")).toBeUndefined();
});

it("shows only what its control can change", () => {
  expect(typedOf(setting("list"), [".log", ".gz"])).toBe(".log\n.gz");
  expect(typedOf(setting("list"), [{ a: 1 }])).toBeNull();
  expect(typedOf(setting("text"), { a: 1 })).toBeNull();
  expect(typedOf(setting("whole number"), 8)).toBe("8");
});

it("counts values", () => expect(countOf({ a: 1, b: { c: [".x", ".y"], d: [{ e: 1 }, { f: 2, g: 3 }] } })).toBe(5));
