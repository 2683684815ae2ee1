import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import type { Document } from "../../../api/configs";
import { checkFlow, type FlowCheck, type FlowDetail, FLOWS_KEY, useFlow, useRenewFlows, writeFlow } from "../../../api/flows";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { useDocument } from "../../../ui/edit/useDocument";
import { YamlEditor } from "../../../ui/edit/YamlEditor";
import { Graph } from "../../../ui/graph/Graph";
import { QueryState } from "../../../ui/QueryState";
import { ErrorBlock, Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { useNarrow } from "../../../ui/table/useNarrow";
import { linksOf, nodesOf } from "../words";
import { flowYaml } from "../yaml";
import { StepDialog } from "./StepDialog";
import { EXAMPLE, type FlowDocument } from "./steps";
import "../../../styles/editor.css";
import "../../../styles/tasks.css";

/** A new flow. */
export function NewFlowPage() {
  const { t } = useI18n();
  const may = useMay()("flows:write");
  return (
    <div className="stack">
      <PageHead title={t("flow.new")} crumbs={[{ label: t("work.part.flows"), to: "/flows" }]} scoped={false} />
      {may ? <Editing start={EXAMPLE} flow={null} /> : <section className="card"><Forbidden permission="flows:write" /></section>}
    </div>
  );
}

/** The draft of a flow: as it is, or as what is published says. */
export function EditFlowPage() {
  const { t } = useI18n();
  const may = useMay()("flows:write");
  const { flowId } = useParams({ from: "/flows/$flowId/edit" });
  const query = useFlow(flowId);
  const crumbs = [{ label: t("work.part.flows"), to: "/flows" }, { label: query.data?.name ?? flowId, to: `/flows/${flowId}` }];
  return (
    <div className="stack">
      <PageHead title={t("flow.edit")} crumbs={crumbs} scoped={false} />
      {!may && <section className="card"><Forbidden permission="flows:write" /></section>}
      {may && (
        <QueryState query={query} rows={8} object={{ what: t("flow.one"), id: flowId }}>
          {(flow) => <Editing key={flow.flow_id} start={flow.flow as Document} flow={flow} />}
        </QueryState>
      )}
    </div>
  );
}

const judged = (check: FlowCheck) => ({ text: check.text, document: check.flow as Document | null });

function Editing({ start, flow }: { start: Document; flow: FlowDetail | null }) {
  const i18n = useI18n();
  const { t } = i18n;
  const narrow = useNarrow(760);
  const begin = useMemo(() => ({ text: flowYaml(start as FlowDocument), document: start }), []);
  const [seen] = useState(flow?.revision);
  const edited = useDocument<FlowCheck>({ queryKey: [FLOWS_KEY, "check"], start: begin, check: checkFlow, judged });
  const [adding, setAdding] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const { check, checking, document } = edited;
  const faults = check?.faults ?? [];
  const steps = check?.steps ?? [];
  const [nodes, links] = useMemo(() => [nodesOf(steps, i18n), linksOf(steps, i18n)], [steps, i18n]);
  const ready = check !== undefined && !checking && faults.length === 0 && document !== null && (edited.dirty || flow === null);
  return (
    <div className="flow-edit">
      {flow !== null && seen !== flow.revision && <p className="notice warn">{t("flow.edit.newer")}</p>}
      {narrow && <p className="notice">{t("flow.edit.narrow")}</p>}
      <section className="card" aria-label={t("flow.tab.document")}>
        <header>
          <h2>{t("flow.tab.document")}</h2>
          <span className="sub" role="status">
            {checking ? t("flow.edit.checking") : faults.length ? <Status tone="crit">{t("task.make.faults", { count: faults.length })}</Status> : <Status tone="ok">{t("flow.edit.good")}</Status>}
          </span>
        </header>
        {edited.error && <ErrorBlock error={edited.error} retry={() => edited.setText(edited.text)} />}
        <div className="pad">
          <YamlEditor text={edited.text} setText={edited.setText} faults={faults} readOnly={narrow} label={t("flow.edit.yaml")} />
        </div>
      </section>
      <section className="card flow-preview" aria-label={t("flow.tab.graph")}>
        <header>
          <h2>{t("flow.tab.graph")}</h2>
          <span className="tools">
            <button type="button" className="button small" disabled={document === null || narrow} onClick={() => setAdding("")}>{t("flow.edit.add")}</button>
            <button type="button" className="button small primary" disabled={!ready || narrow} onClick={() => setSaving(true)}>{t("flow.edit.save")}</button>
          </span>
        </header>
        {steps.length > 0 ? (
          <Graph label={t("flow.edit.graph", { count: steps.length })} nodes={nodes} links={links} choose={(id) => !narrow && setAdding(id)} />
        ) : (
          <p className="pad dim">{t("flow.edit.nograph")}</p>
        )}
        <p className="pad dim small">{t("flow.edit.hint")}</p>
      </section>
      {adding !== null && document && <StepDialog document={document as FlowDocument} id={adding} put={edited.setDocument} close={() => setAdding(null)} />}
      {saving && document && <Save document={document} flow={flow} revision={seen} close={() => setSaving(false)} />}
    </div>
  );
}

function Save({ document, flow, revision, close }: { document: Document; flow: FlowDetail | null; revision: number | undefined; close: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenewFlows();
  const name = String(document["name"] ?? "");
  return (
    <ActionDialog
      title={t("flow.edit.save.title", { name })}
      act={t("flow.edit.save.do")}
      close={close}
      preview={async () => ({
        affected: { count: 1, names: [name] },
        picture: <p>{t(flow?.published_version ? "flow.edit.save.effect.live" : "flow.edit.save.effect")}</p>,
        risk: "low",
        wayBack: t("flow.edit.save.back"),
        ...(revision === undefined ? {} : { revision: String(revision) }),
      })}
      run={async (order) => {
        const written = await writeFlow(flow?.flow_id ?? null, document, order);
        renew();
        void navigate({ to: "/flows/$flowId", params: { flowId: written.flow_id } });
        return written;
      }}
      reason="required"
      done={() => t("flow.edit.save.done", { name })}
    />
  );
}
