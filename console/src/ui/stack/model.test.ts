import { expect, it } from "vitest";
import { labelOf, type Marker, type PanelSpec, piled, placeLabels, rangeOf, type Series, topSeries } from "./model";

const series = (name: string, ...values: (number | null)[]): Series => ({ name, color: "--c1", values });
const panel = (part: Partial<PanelSpec>): PanelSpec => ({ id: "p", name: "p", kind: "line", series: [], height: 90, format: String, ...part });
const marker = (id: string, at: number): Marker => ({ id, at, label: `v${id}`, tone: "run" });
const many = (count: number) => `${count}`;

it("sums up what would be a sixth series, and keeps gaps", () => {
  const all = [1, 6, 2, 5, 3, 4, 7].map((value) => series(`s${value}`, value, null));
  const top = topSeries(all, { name: "rest", color: "--mute-f" });
  expect(top.map(({ name }) => name)).toEqual(["s7", "s6", "s5", "s4", "s3", "rest"]);
  expect(top.at(-1)?.values).toEqual([3, null]);
});

it("piles bars up, an unknown one being no bar", () => {
  expect(piled([series("a", 1, null, null), series("b", 2, 3, null)])).toEqual([
    [1, null, null],
    [3, 3, null],
  ]);
});

it("begins at 0, and has room for the threshold", () => {
  expect(rangeOf(panel({}), 5, 10)).toEqual([0, 10 * 1.12]);
  expect(rangeOf(panel({ threshold: { value: 300, label: "" } }), 0, 10)[1]).toBeGreaterThan(300);
  expect(rangeOf(panel({}), null, null)).toEqual([0, 1]);
});

it("begins a ratio at a round number below its least value", () => {
  const ratio = panel({ ceiling: 100, threshold: { value: 99.9, label: "" } });
  expect(rangeOf(ratio, 98.4, 100)).toEqual([98, 100]);
  expect(rangeOf(ratio, 100, 100)[0]).toBeCloseTo(99.8);
  expect(rangeOf(ratio, 3, 100)).toEqual([0, 100]);
});

it("makes one label of those that would lie over each other", () => {
  const placed = placeLabels([marker("3", 500), marker("1", 10), marker("2", 20)], (at) => at, 600, many);
  expect(placed.map(({ markers }) => markers.map(({ id }) => id))).toEqual([["1", "2"], ["3"]]);
  expect(placed.map(({ markers }) => labelOf(markers, many))).toEqual(["2", "v3"]);
  expect(placed[0]?.left).toBeGreaterThanOrEqual(0);
});

it("keeps the label of a change at the edge inside", () => {
  const [only] = placeLabels([marker("1", 599)], (at) => at, 600, many);
  expect((only?.left ?? 0) + (only?.width ?? 0)).toBeLessThanOrEqual(600);
});
