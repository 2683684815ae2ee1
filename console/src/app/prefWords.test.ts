import { expect, it } from "vitest";
import { fromServer, toServer } from "./prefWords";

it("says the same in both words", () => {
  const kept = { language: "zh", theme: "dark", density: "compact", zone: "utc", keys: false } as const;
  expect(toServer(fromServer(kept))).toEqual(kept);
  const usual = { language: null, theme: "system", density: "compact", zone: "browser", keys: true } as const;
  expect(toServer(fromServer(usual))).toEqual(usual);
});
