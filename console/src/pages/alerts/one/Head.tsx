import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { actOn, type AlertDetail, HANDLE, useRenewAlerts } from "../../../api/alerts";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { formatAgo, formatCount } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { orderOf } from "../../../ui/action/order";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { Lasting } from "../Lasting";
import { holdOf, personOf, SEVERITY_TONE, STATUS_TONE, toneOf } from "../words";

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
        {alert.ended_at !== null && <Fact name={t("alerts.ended")}><strong><TimeText at={alert.ended_at} /></strong></Fact>}
      </dl>
    </section>
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

/** Taking it is done at once and can be taken back; ending it asks for a reason. */
function Acts({ alert }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const why = useMayWhy()(HANDLE);
  const [ending, setEnding] = useState(false);
  const [busy, setBusy] = useState(false);
  const at = async (act: "acknowledge" | "release"): Promise<void> => {
    if (busy || why !== undefined) return;
    setBusy(true);
    try {
      await actOn(alert.alert_id, act, orderOf(""));
      if (act === "acknowledge") Toast.undoable(t("alerts.ack.one", { title: alert.title }), () => actOn(alert.alert_id, "release", orderOf("")).then(renew));
      else Toast.done(t("alerts.release.done"));
    } catch (error) {
      Toast.failed(error);
    } finally {
      renew();
      setBusy(false);
    }
  };
  const firing = alert.status === "firing";
  const open = alert.status !== "resolved";
  useKeys([{ key: "a", label: "alerts.ack", run: () => void (firing && at("acknowledge")) }]);
  if (!open) return null;
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`).join(",");
  return (
    <div className="alert-acts">
      {firing ? (
        <button type="button" className="button primary" disabled={why !== undefined} title={why} aria-busy={busy} onClick={() => void at("acknowledge")}>{t("alerts.ack")}<kbd>A</kbd></button>
      ) : (
        <button type="button" className="button" disabled={why !== undefined} title={why} aria-busy={busy} onClick={() => void at("release")}>{t("alerts.release")}</button>
      )}
      <Link className="button" to={"/alerts/silences" as string} search={{ make: labels || "*" } as never}>{t("alerts.silence")}</Link>
      <button type="button" className="button" disabled={why !== undefined} title={why} onClick={() => setEnding(true)}>{t("alerts.resolve")}</button>
      {ending && (
        <ActionDialog
          title={t("alerts.resolve.title")}
          act={t("alerts.resolve")}
          close={() => setEnding(false)}
          reason="required"
          suggestions={[t("alerts.resolve.suggest.fixed"), t("alerts.resolve.suggest.false")]}
          run={async (order) => {
            const done = await actOn(alert.alert_id, "resolve", order);
            renew();
            return done;
          }}
          done={() => t("alerts.resolve.done", { title: alert.title })}
        >
          <p>{t("alerts.resolve.text")}</p>
        </ActionDialog>
      )}
    </div>
  );
}
