import { expect, it } from "vitest";
import { limitMs } from "./pace";

it("lets values grow older where a stream tells of changes than where one must ask", () => {
  expect(limitMs("detail", "polling")).toBe(15_000);
  expect(limitMs("detail", "live")).toBe(60_000);
  expect(limitMs("list", "paused")).toBe(45_000);
  expect(limitMs("report", "stale")).toBe(180_000);
});
