import { expect, it } from "vitest";
import type { Attempt, EventView } from "../../../api/agents";
import { type AuditEntry, timelineOf } from "./timeline";

const at = (minute: number) => `2026-11-26T05:${String(minute).padStart(2, "0")}:00.000Z`;
const event = (minute: number, severity = "error") => ({ row_id: String(minute), time: at(minute), severity }) as EventView;
const entry = (minute: number) => ({ seq: minute, at: at(minute) }) as AuditEntry;
const attempt = (minute: number) => ({ attempt_id: String(minute), offered_at: at(minute), changed_at: at(minute), phase: "applied" }) as Attempt;
const all = <T>(...items: T[]) => ({ items, more: false });

it("lays the records over each other, newest first", () => {
  const { moments, more } = timelineOf({ events: all(event(9), event(3)), audit: all(entry(5)), attempts: all(attempt(7)) });
  expect([moments.map(({ key }) => key), more]).toEqual([["e9", "c7", "a5", "e3"], false]);
});

it("tells nothing older than what every record was read to", () => {
  const { moments, more } = timelineOf({ events: { items: [event(9), event(6)], more: true }, audit: all(entry(5), entry(8)), attempts: all() });
  expect([moments.map(({ key }) => key), more]).toEqual([["e9", "a8", "e6"], true]);
});

it("takes the tone from severity and outcome", () => {
  const { moments } = timelineOf({ events: all(event(2), event(1, "notice")), audit: all(), attempts: all(attempt(3)) });
  expect(moments.map(({ tone }) => tone)).toEqual(["ok", "crit", "ok"]);
});
