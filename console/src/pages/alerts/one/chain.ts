import type { AlertDetail, AlertStep, Explanation } from "../../../api/alerts";
import type { I18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import type { Tone } from "../../../ui/Status";
import { personOf, sayStep, SEVERITY_TONE } from "../words";

/** What each stage decided about an alert, put together from its steps. Pure. */

export interface ChainRow {
  stage: "rule" | "dedup" | "hold" | "notify" | "escalate" | "person" | "resolve" | "next";
  tone: Tone;
  /** With marks for `Rich`. */
  text: string;
}

/** The stages in the order in which they decide; those that had nothing to decide are told too, but for people and end. */
export function chainOf(alert: AlertDetail, explained: Explanation | undefined, i18n: I18n, now: number): ChainRow[] {
  const of = (...stages: string[]): AlertStep[] => alert.steps.filter(({ stage }) => stages.includes(stage));
  const rows: ChainRow[] = [ruleRow(alert, explained, i18n), dedupRow(alert, of("dedup"), i18n, now), holdRow(of("inhibit", "silence"), i18n, now), ...toldRows(alert, of("notify"), of("escalate"), i18n)];
  const person = of("person").at(-1);
  if (person) rows.push({ stage: "person", tone: person.outcome === "acknowledged" ? "run" : "hold", text: sayStep(person, i18n, now) });
  const end = of("resolve").at(-1);
  if (end) rows.push({ stage: "resolve", tone: "ok", text: sayStep(end, i18n, now) });
  return rows;
}

function ruleRow(alert: AlertDetail, explained: Explanation | undefined, { t }: I18n): ChainRow {
  const first = explained?.first_event;
  const text = t("alert.chain.rule", { rule: alert.rule_name, version: alert.rule_version });
  const counted = first?.needed ? t("alert.chain.counted", { within: formatDuration(first.within_s ?? 0, t), value: first.counted ?? first.needed, threshold: first.needed }) : "";
  return { stage: "rule", tone: SEVERITY_TONE[alert.severity], text: [text, counted].filter(Boolean).join(t("alert.comma")) };
}

function dedupRow(alert: AlertDetail, steps: readonly AlertStep[], i18n: I18n, now: number): ChainRow {
  const { t } = i18n;
  const worse = steps.filter(({ outcome }) => outcome === "worse").at(-1);
  const others = alert.group_alerts.length;
  const parts = [
    alert.count === 1 ? t("alert.chain.dedup.one") : t("alert.chain.dedup", { count: alert.count }),
    ...(worse ? [sayStep(worse, i18n, now)] : []),
    others === 0 ? t("alert.chain.group.alone") : t("alert.chain.group", { count: others }),
  ];
  return { stage: "dedup", tone: worse ? "warn" : "ok", text: parts.join(t("alert.comma")) };
}

function holdRow(steps: readonly AlertStep[], i18n: I18n, now: number): ChainRow {
  const { t } = i18n;
  const last = steps.at(-1);
  if (last?.outcome === "held") return { stage: "hold", tone: "mute", text: sayStep(last, i18n, now) };
  const before = steps.filter(({ outcome }) => outcome === "held").length;
  return { stage: "hold", tone: "ok", text: before > 0 ? t("alert.chain.free.again", { count: before }) : t("alert.chain.free") };
}

function toldRows(alert: AlertDetail, told: readonly AlertStep[], escalated: readonly AlertStep[], { t }: I18n): ChainRow[] {
  const real = told.filter(({ outcome }) => outcome !== "nobody");
  const last = real.at(-1);
  const nobody = told.length > 0 && last === undefined;
  const text = nobody ? t("alert.chain.nobody") : last === undefined ? t("alert.chain.waiting") : t("alert.chain.told", { count: real.length, receivers: String(last.values["receivers"] ?? "") });
  const notify: ChainRow = { stage: "notify", tone: nobody ? "warn" : last === undefined ? "mute" : failed(alert) ? "crit" : "ok", text };
  const up = escalated.filter(({ outcome }) => outcome !== "nobody").at(-1);
  const escalate: ChainRow = up
    ? { stage: "escalate", tone: "warn", text: t("alert.chain.up", { level: Number(up.values["level"] ?? 0) + 1, receivers: String(up.values["receivers"] ?? "") }) }
    : { stage: "escalate", tone: "ok", text: t("alert.chain.up.none") };
  return [notify, escalate];
}

/** The newest notice did not reach anybody. */
const failed = ({ notices }: AlertDetail): boolean => notices[0] !== undefined && ["failed", "nobody"].includes(notices[0].state);

export const ownerOf = ({ owner }: Pick<AlertDetail, "owner">): string => personOf(owner);
