import type { DryRun } from "../../../api/alertdocs";
import type { Document, Json } from "../../../api/configs";
import { isBlock } from "../../../ui/edit/places";
import { wayOf } from "./form";

/** Test cases of a rule of alerts: events one after another, and what is to be of them. Pure. */

export const STANDINGS = ["firing", "resolved", "none"] as const;
export type Standing = (typeof STANDINGS)[number];

export function casesOf(rule: Document | null): Document[] {
  const tests = rule?.["tests"];
  return Array.isArray(tests) ? tests.filter(isBlock) : [];
}

export const nameOf = (one: Document, index: number): string => (typeof one["name"] === "string" && one["name"] ? one["name"] : `#${index + 1}`);

export const expectOf = (one: Document): Document => (isBlock(one["expect"]) ? one["expect"] : {});

export const standingOf = (expect: Document): Standing => STANDINGS.find((one) => one === expect["alert"]) ?? "none";

/** A case of the event that opened an alert of a dry run: as often as the rule counts, and with what came of it. */
export function caseOf(rule: Document, alert: DryRun["items"][number], name: string): Document {
  const threshold = isBlock(rule["threshold"]) ? rule["threshold"] : {};
  const times = wayOf(rule) === "count" && typeof threshold["count"] === "number" ? { times: threshold["count"] } : {};
  return { name, events: [{ ...times, ...(alert.sample as Document | null) }], expect: { alert: "firing", severity: alert.severity } };
}

/** What an event of a case has, field by field. */
export function sayEvents(one: Document): string[] {
  const events = Array.isArray(one["events"]) ? one["events"] : [];
  const shown = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
  return events.map((event) => (isBlock(event) ? Object.entries(event).map(([key, value]) => `${key} ${shown(value)}`).join(" · ") : shown(event)));
}
