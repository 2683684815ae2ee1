import type { Document, Json } from "../../../api/configs";
import { type I18n, useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { Status } from "../../../ui/Status";
import { ConditionView } from "../../rules/cond/ConditionView";
import { Rich } from "../Rich";
import { SEVERITIES } from "../routes";
import { SEVERITY_TONE } from "../words";
import { labelLines, namesText, wayOf } from "./form";
import { textOf } from "./words";

/** What a rule of alerts says, to be read. */
export function Definition({ rule }: { rule: Document }) {
  const i18n = useI18n();
  const { t } = i18n;
  const severity = SEVERITIES.find((one) => one === textOf(rule, "severity"));
  const labels = labelLines(rule["labels"]);
  return (
    <dl className="rule-words">
      <dt>{t("alertrule.when")}</dt>
      <dd><ConditionView condition={rule["when"]} /></dd>
      <dt>{t("alertrule.way")}</dt>
      <dd><Rich text={sayWay(rule, i18n)} /></dd>
      <dt>{t("alertrule.by")}</dt>
      <dd><Rich text={rule["by"] ? t("alertrule.say.by", { fields: namesText(rule["by"]) }) : t("alertrule.say.by.none")} /></dd>
      <dt>{t("alertrule.clear")}</dt>
      <dd>
        {rule["clear"] !== undefined && <ConditionView condition={rule["clear"]} pointer="/clear" />}
        {rule["resolve_after"] != null && <p><Rich text={t("alertrule.say.after", { time: said(rule["resolve_after"]) })} /></p>}
        {rule["clear"] === undefined && rule["resolve_after"] == null && <p className="dim">{t("alertrule.say.clear.none")}</p>}
      </dd>
      <dt>{t("alerts.severity")}</dt>
      <dd>{severity ? <Status tone={SEVERITY_TONE[severity]}>{t(`severity.${severity}`)}</Status> : t("alertrule.severity.event")}</dd>
      <dt>{t("alerts.name")}</dt>
      <dd><code className="alert-val">{textOf(rule, "title")}</code></dd>
      {labels !== "" && (
        <>
          <dt>{t("alerts.labels")}</dt>
          <dd>{labels.split("\n").map((line) => <p key={line} className="mono">{line}</p>)}</dd>
        </>
      )}
      <dt>{t("alertrule.telling")}</dt>
      <dd><Rich text={sayTelling(rule, i18n)} /></dd>
    </dl>
  );
}

const said = (value: Json | undefined): string => (typeof value === "number" ? `${value}s` : String(value ?? ""));

export function sayWay(rule: Document, { t }: Pick<I18n, "t">): string {
  const threshold = isBlock(rule["threshold"]) ? rule["threshold"] : {};
  const way = wayOf(rule);
  if (way === "count") return t("alertrule.say.count", { within: said(threshold["within"]), count: said(threshold["count"]).replace(/s$/, "") });
  return way === "absent" ? t("alertrule.say.absent", { time: said(rule["absent"]) }) : t("alertrule.say.once");
}

function sayTelling(rule: Document, { t }: Pick<I18n, "t">): string {
  const chain = textOf(rule, "chain");
  const parts = [
    chain ? t("alertrule.say.chain", { chain }) : t("alertrule.say.chain.none"),
    rule["group_by"] ? t("alertrule.say.group", { labels: namesText(rule["group_by"]) }) : t("alertrule.say.group.none"),
    t("alertrule.say.interval", { time: said(rule["interval"] ?? "5m") }),
    rule["repeat"] === null ? t("alertrule.say.repeat.none") : t("alertrule.say.repeat", { time: said(rule["repeat"] ?? "4h") }),
  ];
  return parts.join(t("alert.comma"));
}
