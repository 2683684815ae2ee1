import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Document } from "../../../api/configs";
import { orderRun, rehearseRun, type RunDetail, type RunOrder, type RunOrderMore, useFlow, useRenewFlows } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Preview } from "../../../ui/action/types";
import { usePreview } from "../../../ui/action/usePreview";
import { useMayWhy } from "../../../ui/useMayWhy";
import { givenOf, inputsOf } from "../values";
import { fromOn } from "../words";
import { changedOf, ReplayInput, typedOf } from "./ReplayInput";

const ALL: readonly RunOrder[] = ["resume", "pause", "cancel", "compensate", "replay"];

/** What may be done with a run now, as the server says. */
export function Orders({ run }: { run: RunDetail }) {
  const { t } = useI18n();
  const denied = useMayWhy()("flows:run");
  const [open, setOpen] = useState<RunOrder | null>(null);
  return (
    <>
      {ALL.filter((one) => run.orders.includes(one)).map((one) => (
        <button key={one} type="button" className={one === "cancel" ? "button small danger-quiet" : one === "resume" ? "button small primary" : "button small"} disabled={denied !== undefined} title={denied} onClick={() => setOpen(one)}>
          {t(one === "resume" && run.state === "failed" ? "run.order.resume.failed" : `run.order.${one}`)}
        </button>
      ))}
      {open && <OrderDialog run={run} order={open} close={() => setOpen(null)} />}
    </>
  );
}

/** One order: what would happen, by which steps; a replay begins at a chosen step. */
export function OrderDialog({ run, order, close, from }: { run: RunDetail; order: RunOrder; close: () => void; from?: string }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenewFlows();
  const preview = usePreview();
  const [chosen, setMore] = useState<RunOrderMore>({ undo: true, version: "same", from_step: from ?? null });
  const [typed, setTyped] = useState(() => typedOf(run));
  const newest = chosen.version === "published";
  const flow = useFlow(newest ? run.flow_id : undefined).data;
  const inputs = newest ? inputsOf((flow?.published ?? null) as Document | null) : run.inputs;
  const changed = order === "replay" ? changedOf(run, inputs, typed) : [];
  const more: RunOrderMore = changed.length ? { ...chosen, input: givenOf(Object.fromEntries(inputs.map(({ name }) => [name, typed[name] ?? ""]))) } : chosen;
  const steps = order === "replay" ? (more.from_step ? fromOn(run.steps, more.from_step) : run.steps.map(({ id }) => id)) : touched(run, order, more);
  const titles = new Map(run.steps.map((step) => [step.id, step.title || step.id]));
  const again = order === "replay" ? run.steps.filter(({ id, state, task_id: task }) => steps.includes(id) && task !== null && state === "succeeded") : [];
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const { risk, why, revision } = preview(await rehearseRun(run.run_id, order, more, signal));
    return {
      affected: { count: steps.length, names: steps.map((id) => titles.get(id) ?? id) },
      picture: (
        <>
          <p>{t(order === "cancel" && !more.undo ? "run.order.cancel.effect.keep" : `run.order.${order}.effect`)}</p>
          {changed.length > 0 && <p>{t("run.order.replay.input", { names: changed.join(t("filter.join")) })}</p>}
          {again.length > 0 && <p className="warn-text">{t("run.order.replay.again", { steps: again.map(({ id }) => titles.get(id) ?? id).join(t("filter.join")) })}</p>}
        </>
      ),
      risk: risk ?? (order === "pause" ? "low" : "medium"), ...(why ? { why } : {}), ...(revision && order !== "replay" ? { revision } : {}),
      wayBack: t(`run.order.${order}.back`),
    };
  };
  return (
    <ActionDialog
      title={t(`run.order.${order}.title`, { name: run.target || run.name })}
      act={t(`run.order.${order}.do`)}
      close={close}
      preview={ahead}
      previewKey={JSON.stringify(more)}
      run={async (sent) => {
        const done = await orderRun(run.run_id, order, more, sent);
        renew();
        if (order === "replay") void navigate({ to: "/runs/$runId", params: { runId: done.run_id } });
        return done;
      }}
      reason={order === "pause" || order === "resume" ? "auto" : "required"}
      done={(done) => t("run.order.done", { name: run.target || run.name, state: t(`run.state.${done?.state ?? run.state}`) })}
    >
      {order === "cancel" && (
        <label className="row">
          <input type="checkbox" checked={more.undo ?? true} onChange={(event) => setMore({ ...more, undo: event.target.checked })} />
          {t("run.order.cancel.undo")}
        </label>
      )}
      {order === "replay" && (
        <>
          <div className="form-grid two">
            <div className="form-row">
              <label>
                <span>{t("run.replay.from")}</span>
                <select className="input" value={more.from_step ?? ""} onChange={(event) => setMore({ ...more, from_step: event.target.value || null })}>
                  <option value="">{t("run.replay.whole")}</option>
                  {run.steps.map((step) => <option key={step.id} value={step.id}>{step.title || step.id}</option>)}
                </select>
              </label>
            </div>
            <div className="form-row">
              <label>
                <span>{t("run.replay.version")}</span>
                <select className="input" value={more.version} onChange={(event) => setMore({ ...more, version: event.target.value as "same" | "published" })}>
                  <option value="same">{t("run.replay.same", { version: run.version })}</option>
                  <option value="published">{t("run.replay.published")}</option>
                </select>
              </label>
            </div>
          </div>
          <ReplayInput run={run} inputs={inputs} typed={typed} set={setTyped} inPart={Boolean(more.from_step)} />
        </>
      )}
    </ActionDialog>
  );
}

/** The steps that an order concerns. */
function touched(run: RunDetail, order: RunOrder, { undo }: RunOrderMore): string[] {
  const of = (...states: string[]): string[] => run.steps.filter(({ state }) => states.includes(state)).map(({ id }) => id);
  switch (order) {
    case "resume":
      return of("failed", "undo_failed", "pending");
    case "pause":
      return of("pending");
    case "compensate":
      return run.steps.filter(({ state, compensation }) => state === "succeeded" && compensation !== "none").map(({ id }) => id);
    default:
      return undo ? of("pending", "running", "succeeded", "failed") : of("pending", "running", "failed");
  }
}
