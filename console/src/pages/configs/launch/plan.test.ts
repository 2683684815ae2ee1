import { expect, it } from "vitest";
import { isWhole, presetOf, PRESETS, START, wavesOf, withWave } from "./plan";

it("knows its presets", () => {
  expect(presetOf(START.waves)).toBe("careful");
  expect(presetOf([...PRESETS.now])).toBe("now");
  expect(presetOf(withWave(START.waves))).toBeUndefined();
});

it("adds a wave between the last two", () =>
  expect(withWave([...PRESETS.usual]).map(({ size }) => size)).toEqual([10, 55, 100]));

it("sends each wave with exactly one size", () =>
  expect(wavesOf([{ unit: "groups", size: 0, groups: ["g"] }, { unit: "count", size: 5.4, groups: [] }, ...PRESETS.now])).toEqual([
    { groups: ["g"] }, { count: 5 }, { percent: 100 },
  ]));

it("needs everybody in the last wave", () => {
  expect(isWhole(START)).toBe(true);
  expect(isWhole({ ...START, waves: [{ unit: "percent", size: 50, groups: [] }] })).toBe(false);
  expect(isWhole({ ...START, waves: [{ unit: "groups", size: 0, groups: [] }, ...PRESETS.now] })).toBe(false);
});
