import { useState } from "react";
import type { AlertDetail, AlertNotice } from "../../../api/alerts";
import { type NoticePart, useNotice } from "../../../api/channels";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { MESSAGE_TONE, NOTICE_TONE } from "../words";

/** Receipts of so many notices are shown at once; those of older ones when they are asked for. */
const OPEN = 3;

/** Who was told what, when, and whether it arrived. */
export function Told({ alert: { notices } }: { alert: AlertDetail }) {
  const { t } = useI18n();
  return (
    <Card title={t("alert.notices")} {...(notices.length ? { sub: t("alert.notices.sub") } : {})}>
      {notices.length === 0 ? <p className="pad dim">{t("alert.notices.none")}</p> : <ol className="alert-notices">{notices.map((notice, at) => <One key={notice.notice_id} notice={notice} begins={at < OPEN} />)}</ol>}
    </Card>
  );
}

function One({ notice, begins }: { notice: AlertNotice; begins: boolean }) {
  const { t, language } = useI18n();
  const [open, setOpen] = useState(begins);
  const parts = useNotice(notice.notice_id, open).data?.parts;
  return (
    <li>
      <span className="alert-when"><TimeText at={notice.at} /></span>
      <Status tone={NOTICE_TONE[notice.kind] ?? "mute"}>{t(`alert.notice.${notice.kind}`)}</Status>
      <span className="alert-to">
        <strong>{notice.receivers.join(t("alert.join"))}</strong>
        <span className="dim">{t("alert.notice.level", { level: notice.level + 1 })}</span>
      </span>
      {open ? <Status tone={MESSAGE_TONE[notice.state] ?? "mute"}>{wordOf(language, "alert.message", notice.state)}</Status> : <button type="button" className="linkish" onClick={() => setOpen(true)}>{t("alert.receipts")}</button>}
      {open && parts && parts.length > 0 && <ul className="alert-receipts">{parts.map((part) => <Receipt key={part.channel} part={part} at={notice.at} />)}</ul>}
    </li>
  );
}

/** What became of it on one channel: how long it took, whom it called, or why it did not arrive. */
function Receipt({ part, at }: { part: NoticePart; at: string }) {
  const { t, language } = useI18n();
  const { message } = part;
  const tookS = message?.sent_at ? (Date.parse(message.sent_at) - Date.parse(at)) / 1000 : null;
  const state = part.state === "taken" ? (message?.state ?? "waiting") : part.state;
  return (
    <li>
      <Status tone={MESSAGE_TONE[state] ?? "mute"}>{wordOf(language, "alert.message", state)}</Status>
      <span>{part.channel}</span>
      {part.people.length > 0 && <strong>{part.people.join(t("alert.join"))}</strong>}
      {tookS !== null && <span className="dim">{formatDuration(Math.max(0, tookS), t)}</span>}
      {message !== null && message.attempts > 1 && <span className="dim">{t("alert.message.tries", { count: message.attempts })}</span>}
      {message !== null && message.notices > 1 && <span className="dim">{t("message.digest", { count: message.notices })}</span>}
      {part.instead_of !== "" && <span className="tag">{t("alert.message.instead", { name: part.instead_of })}</span>}
      {part.state === "waiting" && Date.parse(part.due_at) > Date.parse(at) + 1_000 && <span className="dim">{t("alert.message.due")} <TimeText at={part.due_at} /></span>}
      {message !== null && message.error !== "" && <span className="mono alert-error">{message.error}</span>}
    </li>
  );
}
