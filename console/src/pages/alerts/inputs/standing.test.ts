import { expect, it } from "vitest";
import { standingOf } from "./standing";

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

it("tells a failure until something comes in well again", () => {
  expect(standingOf({ state: "on", last_event_at: null, last_error_at: null })).toBe("quiet");
  expect(standingOf({ state: "on", last_event_at: at(1), last_error_at: null })).toBe("ok");
  expect(standingOf({ state: "on", last_event_at: null, last_error_at: at(1) })).toBe("refusing");
  expect(standingOf({ state: "on", last_event_at: at(2), last_error_at: at(2) })).toBe("refusing");
  expect(standingOf({ state: "on", last_event_at: at(3), last_error_at: at(2) })).toBe("ok");
});

it("is off or gone whatever came in before", () => {
  expect(standingOf({ state: "off", last_event_at: at(3), last_error_at: null })).toBe("off");
  expect(standingOf({ state: "crashed", last_event_at: at(3), last_error_at: at(2) })).toBe("crashed");
});
