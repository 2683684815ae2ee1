import type { Change, EvidenceLink, Finding, FleetVerdict } from "../../../api/fleet";
import type { I18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import type { Tone } from "../../../ui/Status";
import { formatPct } from "../../agents/words";

/** The overview's sentences, made of codes and values. */

export const LEVEL_TONE: Readonly<Record<FleetVerdict["level"], Tone>> = { ok: "ok", warn: "warn", crit: "crit" };

/** A value with its unit. */
export function valueText(value: number, unit: Finding["unit"], { t, language }: I18n): string {
  switch (unit) {
    case "share":
      return formatPct(Number((value * 100).toPrecision(4)));
    case "s":
      return formatDuration(value, t);
    default:
      return formatCount(value, language);
  }
}

/** What is wrong, in one sentence without its duration. */
export function findingText(finding: Finding, i18n: I18n): string {
  const { t, language } = i18n;
  const { code, params, unit } = finding;
  const values = {
    count: finding.agents_count,
    value: valueText(finding.value, unit, i18n),
    limit: valueText(finding.limit, unit, i18n),
    store: params["store"] ?? "",
    status: wordOf(language, "agents.rollout.status", params["status"] ?? ""),
    cause: wordOf(language, "gatecause", params["cause"] ?? ""),
  };
  return t(`finding.${code}`, values as never);
}

/** Whom it concerns, the first few by name. */
export function whoText({ hostnames, agents_count: count }: Finding, { t }: I18n): string {
  const names = hostnames.slice(0, 3).join(t("list.and"));
  return count > 3 && names ? t("finding.others", { names, count: count - Math.min(3, hostnames.length) }) : names;
}

/** A change in a few words, as charts mark it. */
export function changeText(change: Change, { t, language }: I18n): string {
  const { params, action, resource, count } = change;
  const name = resource.name || resource.id;
  if (change.kind === "upgrade") return t("change.upgrade", { version: params["version"] ?? "" });
  if (action === "config_version.create") return t("change.version", { number: params["number"] ?? "", layer: params["layer"] || name });
  if (change.kind === "rollout") {
    const layer = params["layer"] || name;
    return t("change.rollout", { what: wordOf(language, "changeact", action), layer });
  }
  const what = wordOf(language, "changeact", action);
  return count > 1 ? t("change.many", { what, count }) : t("change.one", { what, name });
}

/** How a change looks in a chart: what may have harmed stands out, the rest is quiet. */
export const changeTone = ({ kind, action }: Pick<Change, "kind" | "action">): Tone => {
  if (action === "rollout.abort") return "warn";
  if (kind === "rollout" || kind === "upgrade") return "run";
  return kind === "maintenance" && action !== "agent.register" ? "hold" : "mute";
};

const PATHS: Readonly<Record<EvidenceLink["page"], string>> = {
  agents: "/agents", rollouts: "/rollouts", "config-drift": "/agents", "file-events": "/files", events: "/audit", audit: "/audit",
};

export interface Target {
  to: string;
  search: Record<string, string[]>;
}

/** Where a piece of evidence is shown. */
export function targetOf({ page, query }: EvidenceLink): Target {
  const [id] = query["id"] ?? [];
  if (id !== undefined) return { to: `${PATHS[page]}/${id}`, search: {} };
  return { to: PATHS[page], search: query };
}
