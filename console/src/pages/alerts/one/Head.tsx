import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AlertDetail } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { formatAgo, formatClock, formatCount, formatDuration } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Lasting } from "../Lasting";
import { holdOf, personOf, SEVERITY_TONE, STATUS_TONE, toneOf } from "../words";
import { Acts } from "./Acts";

/** What it is, how it stands, and what can be done about it. */
export function Head({ alert }: { alert: AlertDetail }) {
  const { t, language } = useI18n();
  const tone = toneOf(alert);
  const hold = alert.status === "resolved" ? null : holdOf(alert.held_by);
  return (
    <section className={`card alert-head ${tone}`} aria-label={alert.title}>
      <div className="alert-title">
        <h2>
          <Status tone={alert.status === "resolved" ? "mute" : SEVERITY_TONE[alert.severity]} size={16}>{t(`severity.${alert.severity}`)}</Status>
          <span>{alert.title}</span>
        </h2>
        <Acts alert={alert} />
      </div>
      <dl className="alert-facts">
        <Fact name={t("alert.state")}>
          <Status tone={STATUS_TONE[alert.status]}>{t(`alerts.status.${alert.status}`)}</Status>
          {alert.status === "firing" && <span className="dim">{t("alert.state.free")}</span>}
          {alert.owner !== "" && alert.status !== "firing" && <strong>{t("alert.state.by", { who: personOf(alert.owner) })}</strong>}
          {hold && <span className="tag">{t(`alerts.held.${hold.kind}`)}</span>}
        </Fact>
        <Fact name={t("alerts.started")}>
          <strong><TimeText at={alert.started_at} /></strong> <Ago at={alert.started_at} />
        </Fact>
        <Fact name={t("alerts.lasting")}><strong><Lasting alert={alert} /></strong></Fact>
        <Fact name={t("alerts.rule")}>
          <Link to={`/alerts/rules/${alert.rule_id}` as string}><strong>{t("alert.rule.version", { name: alert.rule_name, version: alert.rule_version })}</strong></Link>
        </Fact>
        <Fact name={t("alerts.count")}><strong>{t("alert.count.of", { count: formatCountOrNumber(alert.count, language) })}</strong></Fact>
        <Fact name={t("alert.past")}><Past alert={alert} /></Fact>
        {alert.ended_at !== null && <Fact name={t("alerts.ended")}><strong><TimeText at={alert.ended_at} /></strong></Fact>}
      </dl>
    </section>
  );
}

/** Whether it is the same trouble again, and how the time before went. */
function Past({ alert: { past } }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const now = useServerNow(60_000);
  const { count, before_started_at: from, before_ended_at: to } = past;
  if (from === null) return <span>{t("alert.past.first")}</span>;
  const lasted = to === null ? "" : t("alert.past.lasted", { time: formatDuration((Date.parse(to) - Date.parse(from)) / 1000, t) });
  return (
    <>
      <strong>{t("alert.past.count", { count })}</strong>
      <span className="dim">{t("alert.past.before", { at: formatClock(from, now), lasted })}</span>
    </>
  );
}

const formatCountOrNumber = (count: number, language: "zh" | "en"): string | number => (count < 100_000 ? count : formatCount(count, language));

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Ago({ at }: { at: string }) {
  const { t } = useI18n();
  const now = useServerNow(10_000);
  return <span className="dim">{t("alert.ago", { time: formatAgo(Math.max(0, now - Date.parse(at)) / 1000, t) })}</span>;
}
