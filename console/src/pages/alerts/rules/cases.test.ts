import { expect, it } from "vitest";
import type { DryRun } from "../../../api/alertdocs";
import { caseOf, casesOf, nameOf, sayEvents, standingOf } from "./cases";

const alert = { title: "down", severity: "error", labels: {}, opened_at: "", ended_at: null, count: 1, told_at: null, event: "7", sample: { type: "shop.down", labels: { env: "prod" } } } satisfies DryRun["items"][number];

it("makes a case of what opened an alert, as often as the rule counts", () => {
  expect(caseOf({ name: "x" }, alert, "one")).toEqual({ name: "one", events: [alert.sample], expect: { alert: "firing", severity: "error" } });
  expect(caseOf({ threshold: { count: 3, within: "1m" } }, alert, "one")["events"]).toEqual([{ times: 3, ...alert.sample }]);
  expect(sayEvents(caseOf({}, alert, "one"))).toEqual(['type shop.down · labels {"env":"prod"}']);
});

it("reads cases that are being typed, whatever is wrong with them", () => {
  expect(casesOf({ tests: [{ name: "a" }, 3] as never })).toEqual([{ name: "a" }]);
  expect(casesOf({ tests: "x" })).toEqual([]);
  expect([nameOf({ name: "" }, 1), nameOf({ name: "a" }, 0)]).toEqual(["#2", "a"]);
  expect([standingOf({}), standingOf({ alert: "odd" }), standingOf({ alert: "resolved" })]).toEqual(["none", "none", "resolved"]);
  expect(sayEvents({ events: "x" })).toEqual([]);
});
