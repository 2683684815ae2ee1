import type { DocVersion } from "../../../api/alertdocs";
import type { AlertDetail, AlertSignal } from "../../../api/alerts";
import type { Change } from "../../../api/fleet";
import type { I18n } from "../../../i18n/context";
import type { Band, Marker } from "../../../ui/stack/model";
import type { Tone } from "../../../ui/Status";
import { changeText, changeTone } from "../../overview/fleet/words";
import { personOf } from "../words";

/** What stands in the picture of a signal beside its values: changes, turns of the alert, windows. Pure. */

const secondsOf = (at: string): number => Date.parse(at) / 1000;

/** Kinds of changes that may be behind trouble; people and groups are not. */
const KINDS: ReadonlySet<Change["kind"]> = new Set(["config", "rollout", "upgrade", "rule", "maintenance"]);

/** Changes of the fleet; of an alert about one agent only those that may have reached it. */
export function changeMarks(changes: readonly Change[], agent: string | undefined, i18n: I18n): Marker[] {
  const reached = ({ agents, agents_count: count }: Change): boolean =>
    agent === undefined || count === null || agents.length < count || agents.includes(agent);
  return changes
    .filter((change) => KINDS.has(change.kind) && reached(change))
    .map((change) => ({ id: `change ${change.id}`, at: secondsOf(change.at), label: changeText(change, i18n), tone: changeTone(change), href: `./audit/${change.id}` }));
}

/** Versions of the alert's own rule, from when they were in force. */
export function versionMarks(versions: readonly DocVersion[], ruleId: string, { t }: I18n): Marker[] {
  return versions.flatMap(({ version, published_at: at }) =>
    at === null ? [] : [{ id: `rule ${version}`, at: secondsOf(at), label: t("alert.mark.rule", { version }), tone: "run" as const, href: `./alerts/rules/${ruleId}?tab=versions` }],
  );
}

/** Turns of the alert itself. */
export function turnMarks({ steps }: Pick<AlertDetail, "steps">, { t }: I18n): Marker[] {
  return steps.flatMap(({ at, stage, outcome, values }, index): Marker[] => {
    const mark = (label: string, tone: Tone): Marker[] => [{ id: `step ${index}`, at: secondsOf(at), label, tone }];
    if (stage === "dedup" && outcome === "opened") return mark(t("alert.mark.opened"), "crit");
    if (stage === "dedup" && outcome === "worse") return mark(t("alert.mark.worse"), "crit");
    if (stage === "escalate" && outcome === "escalation") return mark(t("alert.mark.up"), "warn");
    if (stage === "person" && (outcome === "acknowledged" || outcome === "claimed")) return mark(t("alert.mark.taken", { who: personOf(String(values["by"] ?? "")) }), "run");
    return stage === "resolve" ? mark(t("alert.mark.over"), "ok") : [];
  });
}

/** When it fired, and others about the same trouble before it. */
export function firingBands({ spans, until }: Pick<AlertSignal, "spans" | "until">): Band[] {
  return spans.map(({ started_at: from, ended_at: to }) => ({ from: secondsOf(from), to: secondsOf(to ?? until), tone: "crit" }));
}

/** The beginnings of the slots, in seconds. */
export const slotTimes = ({ since, step_s: step, values }: Pick<AlertSignal, "since" | "step_s" | "values">): number[] =>
  values.map((_, at) => secondsOf(since) + at * step);
