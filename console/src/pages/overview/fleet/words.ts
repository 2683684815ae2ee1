import type { Rollout } from "../../../api/agents";
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

/** Which version of whose configuration, as people call it; "" when the server does not know. */
function configText(params: Readonly<Record<string, string>>, { t }: I18n): string {
  const { number, layer_kind: kind, layer = "" } = params;
  if (!number || (kind !== "base" && kind !== "group" && kind !== "agent")) return "";
  const whose = kind === "base" ? t("layer.base") : layer ? t(`layer.${kind}`, { name: layer }) : t(`layer.kind.${kind}`);
  return t("change.what", { layer: whose, number });
}

/** A name as it stands within a sentence. */
const inside = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

/** Why it fails: the class alone, or each class with how often. */
export function classesText({ classes, unit }: Pick<Finding, "classes" | "unit">, { t, language }: I18n): string {
  const all = Object.entries(classes);
  const wordFor = (name: string): string => (name === "" || name === "held" ? t(`fleet.class.${name || "unknown"}`) : inside(wordOf(language, "class", name)));
  if (all.length === 1) return all.map(([name]) => wordFor(name)).join("");
  return all.map(([name, count]) => t(unit === "agents" ? "fleet.class.agents" : "fleet.class.times", { what: wordFor(name), count })).join(t("list.and"));
}

/** What is wrong, in one sentence without its duration. */
export function findingText(finding: Finding, i18n: I18n): string {
  const { t, language } = i18n;
  const { code, params, unit } = finding;
  const what = configText(params, i18n);
  const values = {
    what,
    count: finding.agents_count,
    value: valueText(finding.value, unit, i18n),
    limit: valueText(finding.limit, unit, i18n),
    store: params["store"] ?? "",
    classes: classesText(finding, i18n),
    status: wordOf(language, "agents.rollout.status", params["status"] ?? ""),
    cause: wordOf(language, "gatecause", params["cause"] ?? ""),
    rule: params["rule"] ?? "",
    title: params["title"] ?? "",
    severity: inside(wordOf(language, "severity", params["severity"] ?? "")),
  };
  if (code === "rollout_halted" && !what) return t("finding.rollout_halted.unnamed", values);
  if (code === "failures" && values.classes) return t("finding.failures.classed", values);
  if (code === "alerts_firing" && finding.value === 1) return t("finding.alerts_firing.one", values);
  return t(`finding.${code}`, values as never);
}

/** The rollouts that go on and may be behind what is wrong: any other one is none of its business. */
export function toPause<R extends Pick<Rollout, "rollout_id" | "status">>(rollouts: readonly R[], suspects: FleetVerdict["suspects"]): R[] {
  const suspected = new Set(suspects.map(({ change }) => (change.resource.kind === "rollout" ? change.resource.id : "")));
  return rollouts.filter(({ rollout_id: id, status }) => status === "running" && suspected.has(id));
}

/** Whom it concerns, the first few by name. */
export function whoText({ hostnames, agents_count: count }: Finding, { t }: I18n): string {
  const names = hostnames.slice(0, 3).join(t("list.and"));
  return count > 3 && names ? t("finding.others", { names, count: count - Math.min(3, hostnames.length) }) : names;
}

/** A change in a few words, as charts mark it. */
export function changeText(change: Change, i18n: I18n): string {
  const { t, language } = i18n;
  const { params, action, resource, count } = change;
  const name = resource.name || short(resource.id);
  if (change.kind === "upgrade") return t("change.upgrade", { version: params["version"] ?? "" });
  const named = configText(params, i18n) || name;
  if (action === "config_version.create") return t("change.version", { what: named });
  const status = action === "rollout.move" && params["status"] ? `${action}.${params["status"]}` : action;
  const what = wordOf(language, "changeact", status);
  if (change.kind === "rollout" || change.kind === "rule") return t("change.one", { what, name: named });
  return count > 1 ? t("change.many", { what, count }) : t("change.one", { what, name });
}

const SHORT = 12;
const short = (id: string): string => (id.length > SHORT ? `${id.slice(0, SHORT)}…` : id);

/** How a change looks in a chart: what may have harmed stands out, the rest is quiet. */
export const changeTone = ({ kind, action }: Pick<Change, "kind" | "action">): Tone => {
  if (action === "rollout.abort") return "warn";
  if (kind === "rollout" || kind === "upgrade" || kind === "rule") return "run";
  return kind === "maintenance" && action !== "agent.register" ? "hold" : "mute";
};

const PATHS: Readonly<Record<EvidenceLink["page"], string>> = {
  agents: "/agents", rollouts: "/rollouts", "config-drift": "/agents", "file-events": "/events/files", "dead-letters": "/dlq", events: "/events", audit: "/audit", alerts: "/alerts",
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
