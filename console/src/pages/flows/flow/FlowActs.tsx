import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { actOnFlow, type FlowAct, type FlowDetail, rehearseFlow, useRenewFlows } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Preview } from "../../../ui/action/types";
import { usePreview } from "../../../ui/action/usePreview";
import { FieldDiff } from "../../../ui/diff/FieldDiff";
import { useMayWhy } from "../../../ui/useMayWhy";
import { RunDialog } from "./RunDialog";
import "../../../styles/diff.css";

/** Begin a run, edit, publish, take out of use: what may be done with a flow. */
export function FlowActs({ flow }: { flow: FlowDetail }) {
  const { t } = useI18n();
  const why = useMayWhy();
  const [act, setAct] = useState<FlowAct | null>(null);
  const [begins, setBegins] = useState(false);
  const [mayRun, mayWrite, mayPublish] = [why("flows:run"), why("flows:write"), why("flows:publish")];
  const noVersion = flow.published_version === null ? t("flow.act.run.not") : mayRun;
  return (
    <span className="row">
      {flow.draft_version !== null && (
        <>
          <button type="button" className="button small primary" disabled={mayPublish !== undefined} title={mayPublish} onClick={() => setAct({ kind: "publish" })}>{t("flow.act.publish", { version: flow.draft_version })}</button>
          {flow.published_version !== null && <button type="button" className="button small" disabled={mayWrite !== undefined} title={mayWrite} onClick={() => setAct({ kind: "discard" })}>{t("flow.act.discard")}</button>}
        </>
      )}
      <Link to={"/flows/$flowId/edit" as string} params={{ flowId: flow.flow_id } as never} className="button small" disabled={mayWrite !== undefined} title={mayWrite}>{t("flow.act.edit")}</Link>
      <button type="button" className="button small" disabled={noVersion !== undefined} title={noVersion} onClick={() => setBegins(true)}>{t("flow.act.run")}</button>
      {flow.state === "published" && <button type="button" className="button small danger-quiet" disabled={mayPublish !== undefined} title={mayPublish} onClick={() => setAct({ kind: "retire" })}>{t("flow.act.retire")}</button>}
      {act && <FlowActDialog flow={flow} act={act} close={() => setAct(null)} />}
      {begins && <RunDialog flow={flow} close={() => setBegins(false)} />}
    </span>
  );
}

/** One act on a flow with its effect, its reason and its way back. */
export function FlowActDialog({ flow, act, close }: { flow: FlowDetail; act: FlowAct; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewFlows();
  const preview = usePreview();
  const version = act.kind === "rollback" ? act.version : (flow.draft_version ?? flow.version);
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const { risk, why, revision } = preview(await rehearseFlow(flow.flow_id, act, signal));
    const changes = flow.changes.map(({ pointer, kind, old, new: now }) => ({ path: pointer, kind, before: old, after: now }));
    return {
      affected: { count: 1, names: [flow.name] },
      picture: (
        <>
          <p>{t(`flow.act.${act.kind}.effect`)}</p>
          {act.kind === "publish" && flow.published_version !== null && <FieldDiff changes={changes} />}
        </>
      ),
      risk: risk ?? "medium", ...(why ? { why } : {}), ...(revision ? { revision } : {}),
      ...(act.kind === "discard" ? {} : { wayBack: t(`flow.act.${act.kind}.back`) }),
    };
  };
  return (
    <ActionDialog
      title={t(`flow.act.${act.kind}.title`, { name: flow.name, version } as never)}
      act={t(`flow.act.${act.kind}.do`, { version } as never)}
      close={close}
      preview={ahead}
      run={async (order) => {
        const done = await actOnFlow(flow.flow_id, act, order);
        renew();
        return done;
      }}
      reason="required"
      done={() => t("flow.act.done", { name: flow.name })}
    />
  );
}
