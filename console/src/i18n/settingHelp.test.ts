import { expect, it } from "vitest";
import { boundsText } from "./settingHelp";

it("tells limits with signs that need no words", () => {
  expect(boundsText("zh", "at least 1, at most 256")).toBe("≥ 1，≤ 256");
  expect(boundsText("en", "at least 1, at most 256")).toBe("at least 1, at most 256");
});
