import { expect, it } from "vitest";
import { partOf } from "./part";

const known = { wanted: undefined, hasFleet: true, hasEdge: true, agents: 1 } as const;

it("shows the host where there is no centre, and the fleet where there is no edge", () => {
  expect(partOf({ ...known, hasFleet: false, agents: undefined })).toBe("host");
  expect(partOf({ ...known, hasEdge: false, wanted: "host" })).toBe("fleet");
});

it("begins with the host while it is the only agent", () => {
  expect([partOf(known), partOf({ ...known, agents: 2 }), partOf({ ...known, wanted: "fleet" })]).toEqual(["host", "fleet", "fleet"]);
});

it("waits for what decides", () => {
  expect([partOf({ ...known, hasFleet: undefined }), partOf({ ...known, agents: undefined })]).toEqual([null, null]);
});
