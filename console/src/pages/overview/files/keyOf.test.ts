import { expect, it } from "vitest";
import { keyOf } from "./keyOf";

it("names files that are not queued by their path", () => {
  expect([keyOf({ id: -1, path: "/a" }), keyOf({ id: 7, path: "/a" })]).toEqual(["/a", "7"]);
});
