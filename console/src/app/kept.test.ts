import { afterEach, expect, it, vi } from "vitest";
import { keep, kept, keptObject } from "./kept";

afterEach(() => vi.unstubAllGlobals());

it("keeps a value, forgets it, and reads what is foreign as nothing", () => {
  const held = new Map<string, string>();
  const storage = {
    getItem: (name: string) => held.get(name) ?? null, setItem: (name: string, text: string) => held.set(name, text), removeItem: (name: string) => held.delete(name),
  };
  vi.stubGlobal("localStorage", storage);
  keep("a", { one: 1 });
  expect([kept("a"), keptObject("a")]).toEqual([{ one: 1 }, { one: 1 }]);
  keep("a", undefined);
  expect([kept("a"), held.size]).toEqual([undefined, 0]);
  held.set("b", "{not json").set("c", "[1]");
  expect([kept("b"), keptObject("b"), keptObject("c")]).toEqual([undefined, {}, {}]);
});

it("does without a storage that refuses", () => {
  const refuse = (): never => {
    throw new Error("off");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse });
  expect(() => keep("a", 1)).not.toThrow();
  expect(kept("a")).toBeUndefined();
});
