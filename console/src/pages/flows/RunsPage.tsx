import { useCallback, useMemo } from "react";
import { fetchRuns, FLOWS_KEY, type Run, type RunFilter, useFlows } from "../../api/flows";
import { type ListState, useListState } from "../../app/listSearch";
import { type I18n, useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { whyText, wordOf } from "../../i18n/translate";
import { useServerNow } from "../../live/now";
import { DetailDrawer } from "../../ui/DetailDrawer";
import type { Filter } from "../../ui/filter/types";
import { Empty } from "../../ui/StateBlock";
import { PathText } from "../../ui/PathText";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { useNarrow } from "../../ui/table/useNarrow";
import { TimeText } from "../../ui/TimeText";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { WorkPage } from "../tasks/WorkPage";
import { RUN_AGES, RUN_FILTERS, RUN_STATES } from "./routes";
import { RunDetail } from "./run/RunDetail";
import { RUN_TONE, runTone, runWord } from "./words";
import "../../styles/tasks.css";

const keyOf = (run: Run): string => run.run_id;
const nameOf = (run: Run): string => run.target || run.name;

/** Runs of flows: where each is, what is slow or broken, what waits for somebody. */
export function RunsPage() {
  const { t } = useI18n();
  return (
    <WorkPage title={t("task.title")} needs="flows:read">
      <Loaded />
    </WorkPage>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(RUN_FILTERS);
  const wide = !useNarrow(1280);
  const wish = useWish(state);
  const fetch = useCallback(async (cursor: string | null, signal: AbortSignal) => {
    const page = await fetchRuns(wish, cursor, signal);
    return { items: page.items, next: page.next_cursor, total: page.total, states: page.states, flows: page.flows, waiting: page.waiting };
  }, [wish]);
  const list = useList({ queryKey: [FLOWS_KEY, "runs", wish], fetch, keyOf });
  const beside = state.sel !== undefined && wide;
  const columns = useMemo(() => (beside ? slim(i18n) : wideColumns(i18n)), [beside, i18n]);
  const filters = useFilters(list.first, state);
  const views = useBuiltin({ todo: { state: ["failed", "stuck", "paused"] } });
  const close = (): void => state.set({ sel: undefined, show: undefined, step: undefined, attempt: undefined }, { replace: true });
  return (
    <div className={beside ? "tasks with-detail" : "tasks"}>
      <section className="card tasks-list">
        <DataTable<Run>
          name={beside ? "runs-beside" : "runs"}
          label={t("run.label")}
          columns={columns}
          list={list}
          state={state}
          keyOf={keyOf}
          nameOf={nameOf}
          opens="drawer"
          filters={beside ? filters.filter(({ key }) => key === "state" || key === "waits" || state.values(key).length > 0) : filters}
          views={views}
          search={t("run.search")}
          empty={<Empty icon="tasks" title={t("run.empty")}>{t("run.empty.sub")}</Empty>}
        />
      </section>
      {state.sel !== undefined && beside && <div className="tasks-detail" key={state.sel}><RunDetail runId={state.sel} close={close} /></div>}
      {state.sel !== undefined && !wide && (
        <DetailDrawer open close={close} title={t("run.one")} width={640}>
          <RunDetail runId={state.sel} key={state.sel} />
        </DetailDrawer>
      )}
    </div>
  );
}

const HOURS: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168 };
const STEP_MS = 60_000;

function useWish(state: ListState): RunFilter {
  const minute = Math.floor(useServerNow(STEP_MS) / STEP_MS) * STEP_MS;
  const age = state.values("age")[0];
  const since = age === undefined ? undefined : new Date(minute - (HOURS[age] ?? 0) * 3_600_000).toISOString();
  return useMemo(() => {
    const [flow] = state.values("flow");
    const [rule] = state.values("rule");
    const states = RUN_STATES.filter((one) => state.values("state").includes(one));
    const waits = state.values("waits").length > 0;
    return { state: states, ...(waits ? { waits } : {}), ...(flow ? { flow } : {}), ...(rule ? { rule } : {}), ...(state.q ? { text: state.q.slice(0, 200) } : {}), ...(since === undefined ? {} : { since }) };
  }, [state.id, since]);
}

interface Counted {
  states: Record<string, number> | null;
  flows: Record<string, number> | null;
  waiting: number | null;
}

function useFilters(first: Counted | undefined, state: ListState): Filter[] {
  const { t } = useI18n();
  const flows = useFlows().data?.items;
  return useMemo(() => {
    const [rule] = state.values("rule");
    return [
      { key: "waits", label: t("run.state.waits"), toggle: true, values: [{ value: "yes", label: t("run.state.waits"), tone: "hold", count: first?.waiting ?? undefined }] },
      { key: "state", label: t("task.state"), values: RUN_STATES.map((value) => ({ value, label: t(`run.state.${value}`), tone: RUN_TONE[value], count: first?.states ? (first.states[value] ?? 0) : undefined })) },
      { key: "flow", label: t("run.flow"), single: true, values: (flows ?? []).map(({ flow_id: value, name }) => ({ value, label: name, count: first?.flows?.[value] })) },
      { key: "age", label: t("run.begun"), single: true, values: RUN_AGES.map((value) => ({ value, label: t(`task.made.${value}`) })) },
      ...(rule === undefined ? [] : [{ key: "rule", label: t("task.rule"), single: true, open: true, values: [{ value: rule }] }]),
    ];
  }, [first, flows, t, state.id]);
}

const progress = (run: Run): string => {
  const done = (run.steps_by_state["succeeded"] ?? 0) + (run.steps_by_state["skipped"] ?? 0);
  return `${done} / ${run.steps_total}`;
};

function wideColumns(i18n: I18n): Column<Run>[] {
  const { t, language } = i18n;
  return [
    { key: "state", title: t("task.state"), width: 150, phone: "aside", render: (run) => <Status tone={runTone(run)}>{runWord(run, i18n)}</Status>, text: ({ state }) => state },
    { key: "target", title: t("task.target"), primary: true, phone: "title", render: (run) => <PathText text={nameOf(run)} />, text: nameOf },
    { key: "flow", title: t("run.flow"), width: 190, render: (run) => <span className="el">{t("run.flow.version", { name: run.name, version: run.version })}</span>, text: ({ name, version }) => `${name} v${version}` },
    { key: "steps", title: t("run.steps"), width: 84, align: "end", render: progress, text: progress },
    { key: "reason", title: t("run.reason"), width: 220, hideBelow: 1280, render: ({ reason }) => (reason ? <span className="el" title={whyText(language, reason)}>{whyText(language, reason)}</span> : <span className="dim">{t("none")}</span>), text: ({ reason }) => reason },
    { key: "begun", title: t("run.begun"), width: 112, hideBelow: 900, render: ({ created_at: at }) => <TimeText at={at} />, text: ({ created_at }) => created_at },
    { key: "took", title: t("run.took"), width: 104, align: "end", render: ({ duration_ms: took }) => formatDuration(took / 1000, t), text: ({ duration_ms }) => duration_ms },
    { key: "by", title: t("run.by"), width: 130, hideBelow: 1440, render: ({ started_by: who }) => <span className="el">{wordOf(language, "who", who)}</span>, text: ({ started_by }) => started_by },
    { key: "number", title: t("run.number"), width: 90, optional: true, align: "end", render: ({ number }) => number, text: ({ number }) => number },
  ];
}

function slim(i18n: I18n): Column<Run>[] {
  const { t } = i18n;
  return [
    {
      key: "target", title: t("task.target"), primary: true, phone: "title",
      render: (run) => (
        <span className="task-slim">
          <Status tone={runTone(run)} bare>{runWord(run, i18n)}</Status>
          <PathText text={nameOf(run)} />
        </span>
      ),
    },
    { key: "flow", title: t("run.flow"), width: 104, render: ({ name }) => <span className="dim small el">{name}</span> },
    { key: "took", title: t("run.took"), width: 78, align: "end", render: ({ duration_ms: took }) => <span className="dim small">{formatDuration(took / 1000, t)}</span> },
  ];
}
