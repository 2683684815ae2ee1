import type { AlertDetail, AlertNotice } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { wordOf } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { MESSAGE_TONE, NOTICE_TONE } from "../words";

/** Who was told what, when, and whether it arrived. */
export function Told({ alert: { notices } }: { alert: AlertDetail }) {
  const { t } = useI18n();
  return (
    <Card title={t("alert.notices")} {...(notices.length ? { sub: t("alert.notices.sub") } : {})}>
      {notices.length === 0 ? <p className="pad dim">{t("alert.notices.none")}</p> : <ol className="alert-notices">{notices.map((notice) => <One key={notice.notice_id} notice={notice} />)}</ol>}
    </Card>
  );
}

function One({ notice }: { notice: AlertNotice }) {
  const { t, language } = useI18n();
  return (
    <li>
      <span className="alert-when"><TimeText at={notice.at} /></span>
      <Status tone={NOTICE_TONE[notice.kind] ?? "mute"}>{t(`alert.notice.${notice.kind}`)}</Status>
      <span className="alert-to">
        <strong>{notice.receivers.join(t("alert.join"))}</strong>
        <span className="dim">{t("alert.notice.level", { level: notice.level + 1 })}</span>
      </span>
      <Status tone={MESSAGE_TONE[notice.state] ?? "mute"}>{wordOf(language, "alert.message", notice.state)}</Status>
    </li>
  );
}
