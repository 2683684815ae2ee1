import type { AlertItem, ListedAlert } from "../../../api/alerts";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Status } from "../../../ui/Status";
import type { Column } from "../../../ui/table/types";
import { TimeText } from "../../../ui/TimeText";
import { Lasting } from "../Lasting";
import { holdOf, labelsOf, personOf, SEVERITY_TONE, STATUS_TONE } from "../words";

export function alertColumns(i18n: I18n): Column<ListedAlert>[] {
  const { t, language } = i18n;
  return [
    {
      key: "severity", title: t("alerts.severity"), width: 104, phone: "none",
      render: ({ severity, status }) => <Status tone={status === "resolved" ? "mute" : SEVERITY_TONE[severity]}>{t(`severity.${severity}`)}</Status>,
      text: ({ severity }) => severity,
    },
    { key: "title", title: t("alerts.name"), primary: true, phone: "title", render: ({ title }) => <span className="el" title={title}>{title}</span>, text: ({ title }) => title },
    {
      key: "labels", title: t("alerts.labels"), width: 190, hideBelow: 1100, phone: "line",
      render: ({ labels }) => <span className="el dim mono" title={labelsOf(labels).join("\n")}>{labelsOf(labels).join(" ") || t("none")}</span>,
      text: ({ labels }) => labelsOf(labels).join(", "),
    },
    { key: "status", title: t("alerts.status"), width: 132, phone: "line", render: (alert) => <Standing alert={alert} i18n={i18n} severity />, text: ({ status }) => status },
    { key: "count", title: t("alerts.count"), width: 64, align: "end", hideBelow: 900, phone: "line", render: ({ count }) => formatCount(count, language), text: ({ count }) => count },
    { key: "started", title: t("alerts.started"), width: 118, phone: "aside", render: ({ started_at: at }) => <TimeText at={at} />, text: ({ started_at: at }) => at },
    { key: "lasting", title: t("alerts.lasting"), width: 112, align: "end", hideBelow: 900, phone: "line", render: (alert) => <Lasting alert={alert} />, text: ({ ended_at: at }) => at },
    { key: "days", title: t("alerts.days"), width: 92, hideBelow: 1280, phone: "none", render: ({ days }) => <Days days={days ?? []} />, text: ({ days }) => (days ?? []).reduce((sum, many) => sum + many, 0) },
    { key: "owner", title: t("alerts.owner"), width: 110, optional: true, render: ({ owner }) => <span className="el">{owner === "" ? t("none") : personOf(owner)}</span>, text: ({ owner }) => personOf(owner) },
    { key: "rule", title: t("alerts.rule"), width: 140, hideBelow: 1440, phone: "none", render: ({ rule_name: name }) => <span className="el dim" title={name}>{name}</span>, text: ({ rule_name: name }) => name },
    { key: "seen", title: t("alerts.seen"), width: 118, optional: true, render: ({ seen_at: at }) => <TimeText at={at} />, text: ({ seen_at: at }) => at },
    { key: "ended", title: t("alerts.ended"), width: 118, optional: true, render: ({ ended_at: at }) => (at === null ? t("none") : <TimeText at={at} />), text: ({ ended_at: at }) => at },
    { key: "id", title: t("alerts.id"), width: 220, optional: true, render: ({ alert_id: id }) => <span className="mono el">{id}</span>, text: ({ alert_id: id }) => id },
  ];
}

/** How often there was the same trouble on each of the last days; once is no picture. */
function Days({ days }: { days: readonly number[] }) {
  const { t } = useI18n();
  const sum = days.reduce((all, many) => all + many, 0);
  if (sum <= 1) return <span className="dim small">{t("alerts.days.once")}</span>;
  const top = Math.max(1, ...days);
  return (
    <span className="alert-days" role="img" aria-label={t("alerts.days.label", { count: sum })} title={t("alerts.days.label", { count: sum })}>
      {days.map((many, at) => <i key={at} style={{ height: `${many === 0 ? 8 : 20 + (many / top) * 80}%` }} className={many === 0 ? "none" : ""} />)}
    </span>
  );
}

/** Where an alert is: who has it, or what keeps it back; on a phone its severity stands with it. */
export function Standing({ alert, i18n: { t }, severity = false }: { alert: AlertItem; i18n: I18n; severity?: boolean }) {
  const { status, held_by: held, owner } = alert;
  const hold = status === "resolved" ? null : holdOf(held);
  return (
    <span className="alert-standing">
      {severity && <span className="of-phone"><Status tone={status === "resolved" ? "mute" : SEVERITY_TONE[alert.severity]}>{t(`severity.${alert.severity}`)}</Status></span>}
      {hold ? <Status tone="mute">{t(`alerts.held.${hold.kind}`)}</Status> : status === "firing" ? <span>{t("alerts.status.firing")}</span> : <Status tone={STATUS_TONE[status]}>{t(`alerts.status.${status}`)}</Status>}
      {owner !== "" && status === "acknowledged" && !hold && <span className="dim el">{personOf(owner)}</span>}
    </span>
  );
}
