import type { AlertDetail } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { type Neighbour, Related } from "../../../ui/Related";
import { aroundOf } from "../../events/EventDrawer";
import { labelsOf } from "../words";

/** What it is about, and where that goes on. */
export function Near({ alert }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const labels = labelsOf(alert.labels);
  const { agent_id: agent } = alert.labels;
  const found: Neighbour[] = [];
  const add = (key: string, label: string, to: string, search?: object): void => void found.push({ key, label, to: to as never, ...(search ? { search: search as never } : {}) });
  if (agent) add("agent", t("alert.to.agent"), `/agents/${agent}`);
  add("same", t("alert.to.same"), "/alerts", { rule: [alert.rule_id], status: ["firing", "acknowledged", "resolved"] });
  add("events", t("alert.to.events"), "/events", { ...aroundOf(alert.started_at), ...(agent ? { agent: [agent] } : {}) });
  add("audit", t("alert.to.audit"), "/audit", { q: alert.alert_id });
  return (
    <Card title={t("alerts.labels")}>
      <div className="pad alert-near">
        {labels.length > 0 ? <ul className="chips">{labels.map((label) => <li key={label} className="tag outline mono">{label}</li>)}</ul> : <p className="dim">{t("none")}</p>}
        <Related neighbours={found} />
      </div>
    </Card>
  );
}
