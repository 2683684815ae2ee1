import { useState } from "react";
import { acknowledgeMany, type AlertItem, actOn, useRenewAlerts } from "../../api/alerts";
import { useI18n } from "../../i18n/context";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { orderOf } from "../../ui/action/order";
import type { Selection } from "../../ui/table/types";

/** Several alerts taken at once, with one reason. */
export function AcknowledgeMany({ selection }: { selection: Selection<AlertItem> }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const rows = selection.rows.filter(({ status }) => status === "firing");
  return (
    <>
      <button type="button" className="button small" disabled={rows.length === 0} onClick={() => setOpen(true)}>{t("alerts.ack.many", { count: rows.length })}</button>
      {open && <Acknowledge alerts={rows} close={() => (setOpen(false), selection.clear())} />}
    </>
  );
}

/** Takes alerts: what that means, why, and the way back. */
export function Acknowledge({ alerts, close }: { alerts: readonly AlertItem[]; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const [kept] = useState(alerts);
  return (
    <ActionDialog
      title={t("alerts.ack.title", { count: kept.length })}
      act={t("alerts.ack.many", { count: kept.length })}
      close={close}
      preview={async () => ({ affected: { count: kept.length, names: kept.map(({ title }) => title) }, risk: "low" as const, wayBack: t("alerts.ack.back") })}
      suggestions={[t("alerts.ack.suggest.look"), t("alerts.ack.suggest.known")]}
      run={async (order) => {
        const ids = kept.map(({ alert_id: id }) => id);
        const done = await acknowledgeMany(ids, order);
        renew();
        return done;
      }}
      done={(done) => t("alerts.ack.done", { count: done?.done.length ?? kept.length })}
      undo={async (done) => {
        await Promise.all([...done.done, ...done.pending].map((id) => actOn(id, "release", orderOf(""))));
        renew();
      }}
    >
      <p>{t("alerts.ack.text")}</p>
    </ActionDialog>
  );
}
