import { Link } from "@tanstack/react-router";
import type { AlertDetail, AlertEvent } from "../../../api/alerts";
import { useEvent, useFileEvent } from "../../../api/events";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { TimeText } from "../../../ui/TimeText";
import { sayEvent, typeText } from "../../events/say";

/** More of them are behind their links: they are alike. */
const SHOWN = 8;

/** The events that the alert was made of, the newest first. */
export function Behind({ alert: { events } }: { alert: AlertDetail }) {
  const { t } = useI18n();
  return (
    <Card title={t("alert.events")} {...(events.length ? { sub: t("alert.events.sub", { count: events.length }) } : {})}>
      {events.length === 0 ? <p className="pad dim">{t("alert.events.none")}</p> : <ol className="alert-events">{events.slice(0, SHOWN).map((event) => (event.is_file ? <OfFile key={event.row_id} event={event} /> : <Plain key={event.row_id} event={event} />))}</ol>}
    </Card>
  );
}

function Plain({ event }: { event: AlertEvent }) {
  const i18n = useI18n();
  const { data } = useEvent(event.row_id);
  return <Line event={event} to="/events" host={data?.hostname ?? ""} what={data ? typeText(data.type, i18n) : ""} said={data ? sayEvent(data, i18n) : ""} />;
}

function OfFile({ event }: { event: AlertEvent }) {
  const { data } = useFileEvent(event.row_id);
  return <Line event={event} to="/events/files" host={data?.hostname ?? ""} what={data?.path ?? ""} said={data?.message ?? ""} />;
}

interface LineProps {
  event: AlertEvent;
  to: string;
  host: string;
  what: string;
  said: string;
}

function Line({ event, to, host, what, said }: LineProps) {
  const { t } = useI18n();
  return (
    <li>
      <Link to={to} search={{ sel: event.row_id } as never}><TimeText at={event.at} /></Link>
      <span className="el dim" title={host}>{host || t("none")}</span>
      <span className="alert-said" title={said}>
        <strong>{what || event.row_id}</strong> <span className="mono">{said}</span>
      </span>
      <span className={event.outcome === "over" ? "tag ok" : "tag"}>{t(`alert.outcome.${event.outcome}`)}</span>
    </li>
  );
}
