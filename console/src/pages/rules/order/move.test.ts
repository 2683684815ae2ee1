import { describe, expect, it } from "vitest";
import { merged, moved, placeFor } from "./move";

describe("the order of rules", () => {
  it("moves one and keeps the others in their order", () => {
    expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(moved(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"]);
    expect(moved(["a", "b"], 1, 9)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 5, 0)).toEqual(["a", "b"]);
  });

  it("goes by keys, and stops at the ends", () => {
    expect([placeFor("ArrowUp", 0, 5), placeFor("ArrowDown", 1, 5), placeFor("End", 0, 5), placeFor("PageUp", 3, 5), placeFor("x", 1, 5)]).toEqual([0, 2, 4, 0, undefined]);
  });

  it("keeps what was moved when rules come and go meanwhile", () => {
    expect(merged(["c", "a", "b"], ["a", "new", "c"])).toEqual(["c", "a", "new"]);
    expect(merged(["b", "a"], ["first", "a", "b"])).toEqual(["first", "b", "a"]);
  });
});
