import type { AlertItem } from "../../../api/alerts";
import type { I18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Status } from "../../../ui/Status";
import type { Column } from "../../../ui/table/types";
import { TimeText } from "../../../ui/TimeText";
import { Lasting } from "../Lasting";
import { holdOf, labelsOf, personOf, SEVERITY_TONE, STATUS_TONE } from "../words";

export function alertColumns(i18n: I18n): Column<AlertItem>[] {
  const { t, language } = i18n;
  return [
    {
      key: "severity", title: t("alerts.severity"), width: 84, phone: "line",
      render: ({ severity, status }) => <Status tone={status === "resolved" ? "mute" : SEVERITY_TONE[severity]}>{t(`severity.${severity}`)}</Status>,
      text: ({ severity }) => severity,
    },
    { key: "title", title: t("alerts.name"), primary: true, phone: "title", render: ({ title }) => <span className="el" title={title}>{title}</span>, text: ({ title }) => title },
    {
      key: "labels", title: t("alerts.labels"), width: "22%", hideBelow: 1100, phone: "line",
      render: ({ labels }) => <span className="el dim mono" title={labelsOf(labels).join("\n")}>{labelsOf(labels).join(" ") || t("none")}</span>,
      text: ({ labels }) => labelsOf(labels).join(", "),
    },
    { key: "status", title: t("alerts.status"), width: 150, phone: "line", render: (alert) => <Standing alert={alert} i18n={i18n} />, text: ({ status }) => status },
    { key: "count", title: t("alerts.count"), width: 64, align: "end", hideBelow: 900, phone: "line", render: ({ count }) => formatCount(count, language), text: ({ count }) => count },
    { key: "started", title: t("alerts.started"), width: 118, phone: "aside", render: ({ started_at: at }) => <TimeText at={at} />, text: ({ started_at: at }) => at },
    { key: "lasting", title: t("alerts.lasting"), width: 112, align: "end", hideBelow: 900, phone: "line", render: (alert) => <Lasting alert={alert} />, text: ({ ended_at: at }) => at },
    { key: "rule", title: t("alerts.rule"), width: 150, hideBelow: 1280, phone: "none", render: ({ rule_name: name }) => <span className="el dim" title={name}>{name}</span>, text: ({ rule_name: name }) => name },
    { key: "seen", title: t("alerts.seen"), width: 118, optional: true, render: ({ seen_at: at }) => <TimeText at={at} />, text: ({ seen_at: at }) => at },
    { key: "ended", title: t("alerts.ended"), width: 118, optional: true, render: ({ ended_at: at }) => (at === null ? t("none") : <TimeText at={at} />), text: ({ ended_at: at }) => at },
    { key: "id", title: t("alerts.id"), width: 220, optional: true, render: ({ alert_id: id }) => <span className="mono el">{id}</span>, text: ({ alert_id: id }) => id },
  ];
}

/** Where an alert is: who has it, or what keeps it back. */
export function Standing({ alert: { status, held_by: held, owner }, i18n: { t } }: { alert: AlertItem; i18n: I18n }) {
  const hold = holdOf(held);
  if (hold && status !== "resolved") return <Status tone="mute">{t(`alerts.held.${hold.kind}`)}</Status>;
  return (
    <span className="row">
      <Status tone={STATUS_TONE[status]}>{t(`alerts.status.${status}`)}</Status>
      {owner !== "" && status === "acknowledged" && <span className="dim el">{personOf(owner)}</span>}
    </span>
  );
}
