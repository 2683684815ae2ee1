import { useState } from "react";
import { decideStep, type RunDetail, type RunStep, useRenewFlows } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";

/** Steps that wait for somebody's word. */
export function Approvals({ run }: { run: RunDetail }) {
  const { t } = useI18n();
  const denied = useMayWhy()("flows:approve");
  const renew = useRenewFlows();
  const [asked, setAsked] = useState<{ step: RunStep; good: boolean } | null>(null);
  const waiting = run.steps.filter(({ id }) => run.approvals.includes(id));
  if (waiting.length === 0) return null;
  return (
    <ul className="approvals" aria-label={t("run.approvals")}>
      {waiting.map((step) => (
        <li key={step.id}>
          <Status tone="hold">{step.title || step.id}</Status>
          {step.begun_at !== null && <span className="dim small">{t("run.approval.since")} <TimeText at={step.begun_at} relative /></span>}
          {step.four_eyes && <span className="dim small">{t("run.approval.four", { who: run.started_by })}</span>}
          <span className="row push">
            <button type="button" className="button small" disabled={denied !== undefined} title={denied} onClick={() => setAsked({ step, good: false })}>{t("run.refuse")}</button>
            <button type="button" className="button small primary" disabled={denied !== undefined} title={denied} onClick={() => setAsked({ step, good: true })}>{t("run.approve")}</button>
          </span>
        </li>
      ))}
      {asked && (
        <ActionDialog
          title={t(asked.good ? "run.approve.title" : "run.refuse.title", { step: asked.step.title || asked.step.id, target: run.target || run.name })}
          act={t(asked.good ? "run.approve.do" : "run.refuse.do")}
          close={() => setAsked(null)}
          preview={async () => ({
            affected: { count: 1, names: [run.target || run.name] },
            picture: <p>{t(asked.good ? "run.approve.effect" : run.on_failure === "compensate" ? "run.refuse.effect.undo" : "run.refuse.effect")}</p>,
            risk: "medium",
            wayBack: t(asked.good ? "run.approve.back" : "run.refuse.back"),
          })}
          run={async (order) => {
            const done = await decideStep(run.run_id, asked.step.id, asked.good, order);
            renew();
            return done;
          }}
          reason={asked.good ? "auto" : "required"}
          done={() => t(asked.good ? "run.approve.done" : "run.refuse.done", { step: asked.step.title || asked.step.id })}
        />
      )}
    </ul>
  );
}
