import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { AgentSummary } from "../../api/agents";
import { useKeys } from "../../app/keys";
import { useListState } from "../../app/listSearch";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { FacetPane } from "../../ui/filter/FacetPane";
import { Icon } from "../../ui/Icon";
import { Segments } from "../../ui/Segments";
import { DataTable } from "../../ui/table/DataTable";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { BulkActs } from "./acts/BulkActs";
import { Enrol } from "./acts/Enrol";
import { useAllowed } from "./acts/allowed";
import { FleetEmpty } from "./list/FleetEmpty";
import { FleetGroups } from "./list/FleetGroups";
import { FleetHeat } from "./list/FleetHeat";
import { agentColumns } from "./list/columns";
import { UnderWay } from "../configs/rollout/UnderWay";
import { useFleetFilters, useFleetList } from "./list/useFleetList";
import { FILTER_KEYS, type View, VIEWS } from "./search";
import "../../styles/agents.css";

const keyOf = (agent: AgentSummary): string => agent.agent_id;
const nameOf = (agent: AgentSummary): string => agent.hostname;
const pathOf = (agent: AgentSummary): string => `/agents/${agent.agent_id}`;

/** Whoever needs somebody; and where a new configuration is not, or not yet, what runs. */
const VIEW_QUERIES = {
  todo: { condition: ["failing", "degraded", "offline"] },
  changes: { standing: ["offered", "waiting", "held", "local"] },
};

/** Who is not as wanted, since when, what is on them. */
export function AgentsPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const navigate = useNavigate();
  const { show } = useSearch({ from: "/agents" });
  const view: View = show ?? "list";
  const state = useListState(FILTER_KEYS);
  const { list, filter } = useFleetList(state);
  const filters = useFleetFilters(filter);
  const columns = useMemo(() => agentColumns(i18n), [i18n]);
  const views = useBuiltin(VIEW_QUERIES);
  const [enrolling, setEnrolling] = useState(false);
  const allowed = useAllowed();
  const setView = useCallback(
    (next: View) => void navigate({ to: ".", search: (old) => ({ ...old, show: next === "list" ? undefined : next }), resetScroll: false }),
    [navigate],
  );
  const open = useCallback((id: string) => void navigate({ to: "/agents/$agentId", params: { agentId: id } }), [navigate]);
  useKeys([{ key: "h", label: "agents.key.heat", run: () => setView(view === "heat" ? "list" : "heat") }]);
  const tools = (
    <Segments label={t("agents.view")} value={view} options={VIEWS.map((value) => ({ value, label: t(`agents.view.${value}`) }))} onChange={setView} />
  );
  const enrol = (
    <button type="button" className="button small primary" disabled={!allowed.enrol} title={allowed.enrol ? undefined : t("agents.enrol.denied")} onClick={() => setEnrolling(true)}>
      <Icon name="plus" size={13} />
      {t("agents.enrol")}
    </button>
  );
  return (
    <div className="stack">
      <PageHead title={t("nav.agents")}>
        <span className="dim">{list.total !== null && t("agents.total", { count: list.total })}</span>
      </PageHead>
      <UnderWay folded />
      <div className="with-pane">
        <FacetPane filters={filters.filter(({ key, values, open }) => state.values(key).length > 0 || (key !== "finding" && (open || values.length > 0)))} state={state} />
        <section className="card fleet" aria-label={t("nav.agents")}>
          {view === "list" && (
            <DataTable<AgentSummary>
              name="agents"
              label={t("nav.agents")}
              columns={columns}
              list={list}
              state={state}
              keyOf={keyOf}
              nameOf={nameOf}
              opens={pathOf}
              filters={filters}
              views={views}
              search={t("agents.search")}
              tools={<>{tools}{enrol}</>}
              {...(allowed.operate ? { bulk: (selection) => <BulkActs selection={selection} filter={filter} /> } : {})}
              empty={<FleetEmpty enrol={enrol} />}
            />
          )}
          {view === "heat" && <FleetHeat filter={filter} filters={filters} state={state} tools={<>{tools}{enrol}</>} onOpen={open} />}
          {view === "groups" && <FleetGroups filter={filter} state={state} tools={<>{tools}{enrol}</>} onOpen={open} />}
        </section>
      </div>
      {enrolling && <Enrol close={() => setEnrolling(false)} />}
    </div>
  );
}
