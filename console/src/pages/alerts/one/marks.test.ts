import { expect, it } from "vitest";
import type { Change } from "../../../api/fleet";
import type { I18n } from "../../../i18n/context";
import { changeMarks, firingBands, slotTimes, versionMarks } from "./marks";

const i18n = { language: "en", t: (key: string, values: object = {}) => `${key} ${Object.values(values).join(" ")}`.trim() } as unknown as I18n;
const change = (id: string, part: Partial<Change>): Change =>
  ({ id, at: "2026-11-22T10:02:00Z", until: "2026-11-22T10:02:00Z", kind: "rollout", action: "rollout.create", resource: { kind: "rollout", id: "rol_1", name: "" }, actor: null, reason: "", params: {}, agents_count: null, agents: [], count: 1, ...part }) as Change;

it("marks changes that may have reached the agent, and no people", () => {
  const changes = [change("1", {}), change("2", { agents: ["a"], agents_count: 1 }), change("3", { agents: ["b"], agents_count: 1 }), change("4", { agents: ["b"], agents_count: 30 }), change("5", { kind: "people" })];
  expect(changeMarks(changes, "a", i18n).map(({ id }) => id)).toEqual(["change 1", "change 2", "change 4"]);
  expect(changeMarks(changes, undefined, i18n)).toHaveLength(4);
});

it("marks versions from when they were in force", () => {
  const versions = [{ version: 2, published_at: null }, { version: 1, published_at: "2026-11-22T10:00:00Z" }] as never;
  expect(versionMarks(versions, "alr_1", i18n)).toEqual([{ id: "rule 1", at: Date.parse("2026-11-22T10:00:00Z") / 1000, label: "alert.mark.rule 1", tone: "run", href: "./alerts/rules/alr_1?tab=versions" }]);
});

it("shades until the end of the picture while it fires", () => {
  const until = "2026-11-22T10:30:00Z";
  const [band] = firingBands({ until, spans: [{ alert_id: "alt_1", started_at: "2026-11-22T10:10:00Z", ended_at: null }] });
  expect(band?.to).toBe(Date.parse(until) / 1000);
  expect(slotTimes({ since: until, step_s: 10, values: [null, 1] }).map((at) => at - Date.parse(until) / 1000)).toEqual([0, 10]);
});
