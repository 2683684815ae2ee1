import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { type RunDetail as Run, useAttemptsOf, useRun } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { whyText } from "../../../i18n/translate";
import { useServerNow } from "../../../live/now";
import { Gantt } from "../../../ui/gantt/Gantt";
import { Graph } from "../../../ui/graph/Graph";
import { Icon } from "../../../ui/Icon";
import { Mono } from "../../../ui/Mono";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import { RUN_VIEWS, type RunView } from "../routes";
import { linksOf, nodesOf, runTone, runWord, sayRun } from "../words";
import { Approvals } from "./Approvals";
import { barKey, runLanes, stepOfBar } from "./lanes";
import { Orders } from "./Orders";
import { RunContent, RunNeighbours } from "./RunFacts";
import { RunStory } from "./RunStory";
import { StepPanel } from "./StepPanel";

/** One run: how it stands, its steps over time and as a graph, what each step said, and what may be done. */
export function RunDetail({ runId, close }: { runId: string; close?: () => void }) {
  const { t } = useI18n();
  const query = useRun(runId);
  return (
    <section className="card task-one" aria-label={t("run.one")}>
      <QueryState query={query} rows={8} object={{ what: t("run.one"), id: runId }} pace="detail">
        {(run) => <Shown run={run} close={close} />}
      </QueryState>
    </section>
  );
}

/** More tasks than this are not asked for one by one. */
const MOST_ASKED = 40;

function Shown({ run, close }: { run: Run; close: (() => void) | undefined }) {
  const i18n = useI18n();
  const { t } = i18n;
  const search = useSearch({ strict: false }) as { show?: RunView; step?: string; attempt?: string };
  const navigate = useNavigate();
  const put = (change: object): void => void navigate({ to: ".", search: ((old: object) => ({ ...old, ...change })) as never, replace: true, resetScroll: false });
  const tone = runTone(run);
  const view = search.show ?? "time";
  const step = run.steps.find(({ id }) => id === search.step) ?? run.steps.find(({ state }) => state === "failed" || state === "undo_failed" || state === "running") ?? run.steps[0];
  return (
    <>
      <header className="task-head">
        <div className="task-name">
          <h2 title={run.target}>{run.target || run.name}</h2>
          <p className="task-facts">
            <Status tone={tone}>{runWord(run, i18n)}</Status>
            <Link to="/flows/$flowId" params={{ flowId: run.flow_id }}>{t("run.flow.version", { name: run.name, version: run.version })}</Link>
            <Mono text={run.run_id} most={20} />
          </p>
        </div>
        <span className="row">
          <Orders run={run} />
          {close && (
            <>
              <Link to="/runs/$runId" params={{ runId: run.run_id }} className="button ghost small square" aria-label={t("task.open")} title={t("task.open")}>
                <Icon name="link" size={13} />
              </Link>
              <button type="button" className="button ghost small square" aria-label={t("detail.close")} onClick={close}>
                <Icon name="x" size={13} />
              </button>
            </>
          )}
        </span>
      </header>
      <p className={`task-say ${tone}`}>
        {sayRun(run, i18n)}
        {run.reason && <span className="mono task-why">{whyText(i18n.language, run.reason)}</span>}
      </p>
      <Approvals run={run} />
      <RunNeighbours run={run} />
      <Tabs<RunView> label={t("run.views")} value={view} onChange={(next) => put({ show: next === "time" ? undefined : next })} tabs={RUN_VIEWS.map((key) => ({ key, label: t(`run.view.${key}`) }))}>
        {view === "time" && <OverTime run={run} step={step?.id} attempt={search.attempt} choose={(key) => put({ step: stepOfBar(key), attempt: key.includes(":") ? key.split(":")[1] : undefined })} />}
        {view === "graph" && <AsGraph run={run} step={step?.id} choose={(key) => put({ step: key, attempt: undefined })} />}
        {view === "story" && <RunStory run={run} />}
        {view === "content" && <RunContent run={run} />}
      </Tabs>
      {(view === "time" || view === "graph") && step && <StepPanel key={step.id} run={run} step={step} attempt={search.attempt} choose={(key) => put({ step: step.id, attempt: key })} />}
    </>
  );
}

interface PartProps {
  run: Run;
  step: string | undefined;
  choose: (key: string) => void;
}

function OverTime({ run, step, attempt, choose }: PartProps & { attempt: string | undefined }) {
  const i18n = useI18n();
  const moving = run.finished_at === null;
  const tick = useServerNow(moving ? 1_000 : 60_000);
  const now = moving ? tick : Date.parse(run.finished_at ?? run.updated_at);
  const tasks = useMemo(() => run.steps.flatMap(({ task_id: task, undo_task_id: undo }) => [task, undo].filter((id) => id !== null)), [run]);
  const tries = useAttemptsOf(tasks.length > MOST_ASKED ? [] : tasks);
  const lanes = useMemo(() => runLanes(run, tries, i18n, now), [run, tries, i18n, now]);
  const bars = lanes.flatMap((lane) => lane.bars);
  const chosen = step === undefined ? undefined : (bars.find(({ key }) => key === `${step}:${attempt}`) ?? bars.findLast(({ key }) => key === barKey(step) || key.startsWith(`${step}:`)))?.key;
  const bad = bars.filter(({ tone }) => tone === "crit").length;
  return <Gantt label={i18n.t("run.gantt", { count: run.steps_total, bad })} lanes={lanes} now={now} chosen={chosen} choose={choose} />;
}

function AsGraph({ run, step, choose }: PartProps) {
  const i18n = useI18n();
  const [nodes, links] = useMemo(() => [nodesOf(run.steps, i18n), linksOf(run.steps, i18n)], [run, i18n]);
  return <Graph label={i18n.t("run.graph", { count: run.steps_total })} nodes={nodes} links={links} chosen={step} choose={choose} />;
}
