import { Link } from "@tanstack/react-router";
import type { AlertDetail } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { useServerNow } from "../../../live/now";
import { Card } from "../../../ui/Card";
import { Glyph, Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Standing } from "../list/columns";
import { Rich } from "../Rich";
import { labelsOf, sayStep, SEVERITY_TONE, stepTone } from "../words";

/** Others that are told together with this one. */
export function SameGroup({ alert: { group_alerts: others } }: { alert: AlertDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  if (others.length === 0) return null;
  return (
    <Card title={t("alert.group")} sub={t("alert.group.sub", { count: others.length })}>
      <ul className="alert-others">
        {others.map((other) => (
          <li key={other.alert_id}>
            <Status tone={SEVERITY_TONE[other.severity]} bare>{t(`severity.${other.severity}`)}</Status>
            <Link className="el" to="/alerts/$alert" params={{ alert: other.alert_id }} title={other.title}>{other.title}</Link>
            <span className="el dim mono" title={labelsOf(other.labels).join("\n")}>{labelsOf(other.labels).join(" ")}</span>
            <Standing alert={other} i18n={i18n} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Everything that happened to it, the newest first. */
export function History({ alert: { steps, rule_name: rule } }: { alert: AlertDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const now = useServerNow(60_000);
  return (
    <Card title={t("alert.history")}>
      <ol className="alert-history">
        {steps.toReversed().map((step, at) => (
          <li key={steps.length - at}>
            <TimeText at={step.at} />
            <span className={`status ${stepTone(step)}`}><Glyph tone={stepTone(step)} size={11} /></span>
            <span><Rich text={sayStep({ ...step, values: { ...step.values, ...(step.stage === "rule" ? { rule } : {}) } }, i18n, now)} /></span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
