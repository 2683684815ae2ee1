import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay } from "../../api/account";
import { type Flow, useFlows } from "../../api/flows";
import { useListState } from "../../app/listSearch";
import { type I18n, useI18n } from "../../i18n/context";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column, List } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import { WorkPage } from "../tasks/WorkPage";
import { FLOW_TONE, RUN_TONE } from "./words";
import "../../styles/tasks.css";

const keyOf = (flow: Flow): string => flow.flow_id;
const nameOf = (flow: Flow): string => flow.name;

/** All flows: what each does, whether it is published, how its runs went. */
export function FlowsPage() {
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
  const state = useListState([]);
  const query = useFlows();
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const items = query.data?.items ?? [];
  const list: List<Flow> = {
    rows: items, total: query.data?.total ?? null, atLeast: false, more: false, fetchMore: () => undefined, fetchingMore: false, pending: query.isPending,
    placeholder: false, outdated: false, error: query.error, fetchedAt: query.dataUpdatedAt, refetch: () => void query.refetch(), all: async () => items,
  };
  return (
    <section className="card">
      <DataTable<Flow>
        name="flows"
        label={t("flow.label")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={nameOf}
        opens={(flow) => `/flows/${flow.flow_id}`}
        tools={<Write />}
        empty={<Empty icon="layers" title={t("flow.empty")} action={<Write />}>{t("flow.empty.sub")}</Empty>}
      />
    </section>
  );
}

function Write() {
  const { t } = useI18n();
  const may = useMay()("flows:write");
  if (!may) return null;
  return (
    <Link to={"/flows/new" as string} className="button small">
      <Icon name="plus" size={13} />
      {t("flow.new")}
    </Link>
  );
}

function columnsOf({ t }: I18n): Column<Flow>[] {
  return [
    { key: "name", title: t("flow.name"), primary: true, phone: "title", render: ({ name }) => <span className="el">{name}</span>, text: nameOf },
    {
      key: "state", title: t("task.state"), width: 150, phone: "aside",
      render: (flow) => (
        <span className="row">
          <Status tone={FLOW_TONE[flow.state]}>{t(`flow.state.${flow.state}`)}</Status>
          {flow.state === "published" && flow.draft_version !== null && <span className="tag">{t("flow.drafted")}</span>}
        </span>
      ),
      text: ({ state }) => state,
    },
    { key: "version", title: t("flow.version"), width: 70, render: ({ published_version: live, version }) => <span className="mono">{`v${live ?? version}`}</span>, text: ({ published_version: live, version }) => live ?? version },
    { key: "steps", title: t("flow.steps"), width: 240, hideBelow: 1100, render: ({ actions }) => <span className="el dim" title={actions.join(" → ")}>{actions.join(" → ")}</span>, text: ({ actions }) => actions.join(" ") },
    { key: "runs", title: t("flow.runs"), width: 200, render: (flow) => <Runs flow={flow} t={t} />, text: ({ runs }) => Object.values(runs).reduce((all, one) => all + one, 0) },
    { key: "owner", title: t("flow.owner"), width: 110, hideBelow: 1280, render: ({ owner, author }) => <span className="el">{owner || author}</span>, text: ({ owner, author }) => owner || author },
    { key: "updated", title: t("flow.updated"), width: 118, hideBelow: 900, render: ({ updated_at: at }) => <TimeText at={at} />, text: ({ updated_at }) => updated_at },
  ];
}

/** How its runs stand: those that are worth a look first. */
function Runs({ flow: { runs }, t }: { flow: Flow; t: I18n["t"] }) {
  const order = ["failed", "stuck", "paused", "running", "compensating", "cancelling", "succeeded", "compensated", "cancelled"] as const;
  const some = order.filter((state) => (runs[state] ?? 0) > 0).slice(0, 3);
  if (some.length === 0) return <span className="dim">{t("flow.runs.none")}</span>;
  return (
    <span className="row">
      {some.map((state) => (
        <Status key={state} tone={RUN_TONE[state]}>
          {runs[state]}
          <span className="sr">{t(`run.state.${state}`)}</span>
        </Status>
      ))}
    </span>
  );
}
