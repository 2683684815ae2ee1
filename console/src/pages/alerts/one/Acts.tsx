import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMe } from "../../../api/account";
import { actOn, type AlertAct, type AlertDetail, HANDLE, useRenewAlerts } from "../../../api/alerts";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { orderOf } from "../../../ui/action/order";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { personOf } from "../words";

/** Taking it is done at once and can be taken back; telling the next level and ending it ask first. */
export function Acts({ alert }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const why = useMayWhy()(HANDLE);
  const me = useMe().data?.name ?? "";
  const { at, busy } = useActs(alert, why !== undefined);
  const [asking, setAsking] = useState<"escalate" | "resolve" | null>(null);
  const firing = alert.status === "firing";
  const open = alert.status !== "resolved";
  const others = !firing && personOf(alert.owner) !== me;
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`).join(",");
  const silence = { make: labels || "*" };
  const up = useUp(alert, why);
  useKeys([
    { key: "a", label: "alerts.ack", run: () => void (open && (firing ? at("acknowledge") : others && at("claim"))) },
    { key: "s", label: "alerts.silence", run: () => void (open && navigate({ to: "/alerts/silences" as never, search: silence as never })) },
    { key: "e", label: "alerts.escalate", run: () => void (open && up === undefined && setAsking("escalate")) },
  ]);
  if (!open) return null;
  return (
    <div className="alert-acts">
      {firing && <button type="button" className="button primary" disabled={why !== undefined} title={why} aria-busy={busy} onClick={() => void at("acknowledge")}>{t("alerts.ack")}<kbd>A</kbd></button>}
      {others && <button type="button" className="button primary" disabled={why !== undefined} title={why ?? t("alerts.claim.text", { who: personOf(alert.owner) })} aria-busy={busy} onClick={() => void at("claim")}>{t("alerts.claim")}<kbd>A</kbd></button>}
      {!firing && <button type="button" className="button" disabled={why !== undefined} title={why} aria-busy={busy} onClick={() => void at("release")}>{t("alerts.release")}</button>}
      <Link className="button" to={"/alerts/silences" as string} search={silence as never}>{t("alerts.silence")}<kbd>S</kbd></Link>
      {firing && <button type="button" className="button" disabled={up !== undefined} title={up} onClick={() => setAsking("escalate")}>{t("alerts.escalate")}<kbd>E</kbd></button>}
      <button type="button" className="button" disabled={why !== undefined} title={why} onClick={() => setAsking("resolve")}>{t("alerts.resolve")}</button>
      {asking === "resolve" && <Resolve alert={alert} close={() => setAsking(null)} />}
      {asking === "escalate" && <Escalate alert={alert} close={() => setAsking(null)} />}
    </div>
  );
}

/** Acts that are done at once. */
function useActs(alert: AlertDetail, mayNot: boolean): { at: (act: AlertAct) => Promise<void>; busy: boolean } {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const [busy, setBusy] = useState(false);
  const at = async (act: AlertAct): Promise<void> => {
    if (busy || mayNot) return;
    setBusy(true);
    try {
      await actOn(alert.alert_id, act, orderOf(""));
      const back = (): Promise<void> => actOn(alert.alert_id, "release", orderOf("")).then(renew);
      if (act === "release") Toast.done(t("alerts.release.done"));
      else Toast.undoable(t(act === "claim" ? "alerts.claim.done" : "alerts.ack.one", { title: alert.title }), back);
    } catch (error) {
      Toast.failed(error);
    } finally {
      renew();
      setBusy(false);
    }
  };
  return { at, busy };
}

/** Why nobody further can be told now; undefined = somebody can. */
function useUp({ next, held_by: held }: AlertDetail, why: string | undefined): string | undefined {
  const { t } = useI18n();
  if (why !== undefined) return why;
  if (held !== "") return t("alert.next.held");
  return next === null ? t("alerts.escalate.none") : undefined;
}

function Escalate({ alert, close }: { alert: AlertDetail; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const [kept] = useState(alert.next);
  return (
    <ActionDialog
      title={t("alerts.escalate.title")}
      act={t("alerts.escalate")}
      close={close}
      suggestions={[t("alerts.escalate.suggest.help"), t("alerts.escalate.suggest.wide")]}
      run={async (order) => {
        const done = await actOn(alert.alert_id, "escalate", order);
        renew();
        return done;
      }}
      done={(done) => t(done && done.too_late.length > 0 ? "alerts.escalate.late" : "alerts.escalate.done", { title: alert.title })}
    >
      <p>{t("alerts.escalate.text", { level: (kept?.level ?? 0) + 1, receivers: kept?.receivers.join(t("alert.join")) ?? "" })}</p>
    </ActionDialog>
  );
}

function Resolve({ alert, close }: { alert: AlertDetail; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  return (
    <ActionDialog
      title={t("alerts.resolve.title")}
      act={t("alerts.resolve")}
      close={close}
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
  );
}
