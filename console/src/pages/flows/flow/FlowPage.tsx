import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay } from "../../../api/account";
import { type FlowDetail, useFlow } from "../../../api/flows";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { Copy } from "../../../ui/Copy";
import { Graph } from "../../../ui/graph/Graph";
import { QueryState } from "../../../ui/QueryState";
import { Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import { FLOW_TABS, type FlowTab } from "../routes";
import { FLOW_TONE, linksOf, nodesOf } from "../words";
import { flowYaml } from "../yaml";
import { FlowActs } from "./FlowActs";
import { FlowVersions } from "./FlowVersions";
import { PlannedStep } from "./PlannedStep";
import { StepTimes } from "./StepTimes";
import "../../../styles/tasks.css";

/** One flow: its graph, its versions and what differs, its document, how its runs went. */
export function FlowPage() {
  const { t } = useI18n();
  const may = useMay()("flows:read");
  const { flowId } = useParams({ from: "/flows/$flowId" });
  const query = useFlow(flowId);
  return (
    <div className="stack">
      <PageHead title={query.data?.name ?? flowId} crumbs={[{ label: t("work.part.flows"), to: "/flows" }]} scoped={false}>
        {query.data && <Status tone={FLOW_TONE[query.data.state]}>{t(`flow.state.${query.data.state}`)}</Status>}
      </PageHead>
      {!may && <section className="card"><Forbidden permission="flows:read" /></section>}
      {may && (
        <QueryState query={query} rows={8} object={{ what: t("flow.one"), id: flowId }} pace="detail">
          {(flow) => <Shown flow={flow} />}
        </QueryState>
      )}
    </div>
  );
}

function Shown({ flow }: { flow: FlowDetail }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/flows/$flowId" });
  const navigate = useNavigate({ from: "/flows/$flowId" });
  const tab = search.tab ?? "graph";
  return (
    <>
      <section className="card">
        <header className="task-head">
          <div className="task-name">
            {flow.description && <p>{flow.description}</p>}
            <p className="task-facts">
              {flow.published_version !== null && <Status tone="ok">{t("flow.live", { version: flow.published_version })}</Status>}
              {flow.draft_version !== null && <Status tone="hold">{flow.changes.length ? t("flow.draft", { version: flow.draft_version, count: flow.changes.length }) : t("flow.draft.first", { version: flow.draft_version })}</Status>}
              {flow.owner && <span className="dim">{t("flow.owner.of", { who: flow.owner })}</span>}
              <Rate flow={flow} />
            </p>
          </div>
          <FlowActs flow={flow} />
        </header>
      </section>
      <section className="card">
        <Tabs<FlowTab> label={t("flow.tabs")} value={tab} onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next === "graph" ? undefined : next }), replace: true, resetScroll: false })} tabs={FLOW_TABS.map((key) => ({ key, label: t(`flow.tab.${key}`) }))}>
          {tab === "graph" && <AsGraph flow={flow} />}
          {tab === "versions" && <FlowVersions flow={flow} />}
          {tab === "document" && <Text flow={flow} />}
        </Tabs>
      </section>
    </>
  );
}

/** How many of its runs came to a good end. */
function Rate({ flow: { runs, flow_id: flowId } }: { flow: FlowDetail }) {
  const { t } = useI18n();
  const good = runs["succeeded"] ?? 0;
  const bad = (runs["failed"] ?? 0) + (runs["stuck"] ?? 0) + (runs["compensated"] ?? 0);
  const all = Object.values(runs).reduce((sum, one) => sum + one, 0);
  return (
    <Link to="/runs" search={{ flow: [flowId] }}>
      {good + bad === 0 ? t("flow.rate.none", { count: all }) : t("flow.rate", { count: all, rate: `${((good / (good + bad)) * 100).toFixed(1)}%` })}
    </Link>
  );
}

function AsGraph({ flow }: { flow: FlowDetail }) {
  const i18n = useI18n();
  const search = useSearch({ from: "/flows/$flowId" });
  const navigate = useNavigate({ from: "/flows/$flowId" });
  const [nodes, links] = useMemo(() => [nodesOf(flow.steps, i18n), linksOf(flow.steps, i18n)], [flow, i18n]);
  const step = flow.steps.find(({ id }) => id === search.step) ?? flow.steps[0];
  const choose = (id: string): void => void navigate({ search: (old) => ({ ...old, step: id }), replace: true, resetScroll: false });
  return (
    <>
      <Graph label={i18n.t("flow.graph", { name: flow.name, count: flow.steps.length })} nodes={nodes} links={links} chosen={step?.id} choose={choose} />
      {step && <PlannedStep step={step} document={flow.flow} />}
      <StepTimes flow={flow} chosen={step?.id} choose={choose} />
    </>
  );
}

function Text({ flow }: { flow: FlowDetail }) {
  const { t } = useI18n();
  const text = flowYaml(flow.flow as never);
  return (
    <div className="pad yaml-shown">
      <Copy text={text} what={t("flow.tab.document")} />
      <pre className="code" tabIndex={0} aria-label={t("flow.tab.document")}>{text}</pre>
    </div>
  );
}
