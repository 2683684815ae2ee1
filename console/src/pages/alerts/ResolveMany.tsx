import { useState } from "react";
import { type AlertItem, resolveMany, useRenewAlerts } from "../../api/alerts";
import { useI18n } from "../../i18n/context";
import { ActionDialog } from "../../ui/action/ActionDialog";
import type { Selection } from "../../ui/table/types";

/** Several alerts ended at once, with one reason. */
export function ResolveMany({ selection }: { selection: Selection<AlertItem> }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const [alerts, setAlerts] = useState<readonly AlertItem[] | null>(null);
  const rows = selection.rows.filter(({ status }) => status !== "resolved");
  return (
    <>
      <button type="button" className="button small" disabled={rows.length === 0} onClick={() => setAlerts(rows)}>{t("alerts.resolve.many", { count: rows.length })}</button>
      {alerts && (
        <ActionDialog
          title={t("alerts.resolve.many.title", { count: alerts.length })}
          act={t("alerts.resolve.many", { count: alerts.length })}
          close={() => (setAlerts(null), selection.clear())}
          reason="required"
          suggestions={[t("alerts.resolve.suggest.fixed"), t("alerts.resolve.suggest.false")]}
          preview={async () => ({ affected: { count: alerts.length, names: alerts.map(({ title }) => title) }, risk: "medium" as const })}
          run={async (order) => {
            const done = await resolveMany(alerts.map(({ alert_id: id }) => id), order);
            renew();
            return done;
          }}
          done={(done) => t("alerts.resolve.many.done", { count: done?.done.length ?? alerts.length })}
        >
          <p>{t("alerts.resolve.text")}</p>
        </ActionDialog>
      )}
    </>
  );
}
