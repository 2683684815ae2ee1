import { expect, it } from "vitest";
import { absolute, instantOf, isInstant, presetOf, resolve, shifted, usualOf } from "./range";

const NOW = Date.parse("2026-11-22T10:00:00Z");

it("knows instants of the address", () => {
  const words = ["now", "now-6h", "now-90m", "2026-11-22T10:00:00Z", "2026-11-22T10:00+08:00"];
  expect(words.filter((word) => !isInstant(word))).toEqual([]);
  expect(["", "now+1h", "yesterday", "2026-13-40T99:00:00Z", "2026-11-22"].filter(isInstant)).toEqual([]);
});

it("reads them against the server's clock", () => {
  expect(instantOf("now-90m", NOW)).toBe(NOW - 90 * 60_000);
  expect(instantOf("2026-11-22T10:00+08:00", NOW)).toBe(NOW - 8 * 3_600_000);
});

it("never ends before it begins", () => {
  const { fromMs, toMs } = resolve({ from: "now", to: "now-6h" }, NOW);
  expect(toMs).toBeGreaterThan(fromMs);
});

it("names presets only when they follow the clock", () => {
  expect([presetOf({ from: "now-6h", to: "now" }), presetOf({ from: "now-6h", to: "now-1h" })]).toEqual(["6h", null]);
});

it("goes to earlier ranges and comes back to now", () => {
  const earlier = shifted({ from: "now-6h", to: "now" }, -1, NOW);
  expect(earlier).toEqual({ from: "2026-11-21T22:00:00Z", to: "2026-11-22T04:00:00Z" });
  expect(shifted(earlier, 1, NOW)).toEqual({ from: "now-6h", to: "now" });
  expect(shifted(absolute(NOW - 1_800_000, NOW - 600_000), 1, NOW)).toEqual({ from: "now-20m", to: "now" });
});

it("shows a week where things happen rarely", () => {
  expect(usualOf("/audit/7").from).toBe("now-7d");
  expect(usualOf("/auditors")).toEqual(usualOf("/"));
});
