import { describe, expect, it } from "vitest";
import { EXAMPLE, freeId, mayPrecede, needsOf, stepsOf, withoutStep, withStep } from "./steps";

const DOCUMENT = { name: "x", steps: [{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }] };

describe("steps of a document", () => {
  it("are put behind the others, or in their place", () => {
    expect(stepsOf(withStep(DOCUMENT, "", { id: "d" })).map((step) => step["id"])).toEqual(["a", "b", "c", "d"]);
    const renamed = withStep(DOCUMENT, "b", { id: "z", needs: ["a"] });
    expect(Object.keys(stepsOf(withStep(DOCUMENT, "", { config: {}, needs: [], action: "WEBHOOK", id: "d" }))[3] ?? {})).toEqual(["id", "action", "config"]);
    expect(stepsOf(renamed)).toEqual([{ id: "a" }, { id: "z", needs: ["a"] }, { id: "c", needs: ["z"] }]);
  });

  it("hand on what they waited for when they are taken out", () => {
    expect(stepsOf(withoutStep(DOCUMENT, "b"))).toEqual([{ id: "a" }, { id: "c", needs: ["a"] }]);
    expect(stepsOf(withoutStep(DOCUMENT, "a"))[0]).toEqual({ id: "b", needs: [] });
  });

  it("may wait for what does not follow them", () => {
    expect(mayPrecede(DOCUMENT, "b")).toEqual(["a"]);
    expect(mayPrecede(DOCUMENT, "new")).toEqual(["a", "b", "c"]);
  });

  it("get a free name; a single need may stand alone", () => {
    expect(freeId({ steps: [{ id: "step-2" }] })).toBe("step-3");
    expect(needsOf({ needs: "a" })).toEqual(["a"]);
    expect(stepsOf(EXAMPLE)).toHaveLength(2);
  });
});
