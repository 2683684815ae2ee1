import { Link } from "@tanstack/react-router";
import type { AlertDetail } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Status } from "../../../ui/Status";
import { Standing } from "../list/columns";
import { labelsOf, SEVERITY_TONE } from "../words";

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
