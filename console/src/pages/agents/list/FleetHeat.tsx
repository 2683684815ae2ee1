import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type AgentFilter, useHeat } from "../../../api/agents";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { FilterBar } from "../../../ui/filter/FilterBar";
import type { Filter } from "../../../ui/filter/types";
import { Heat } from "../../../ui/Heat";
import { QueryState } from "../../../ui/QueryState";
import { EmptyFiltered } from "../../../ui/StateBlock";
import { Counts } from "./Counts";

/** Cells of one group at most: more do not fit on a page, the worst are kept. */
const CELLS = 5_000;

interface Props {
  filter: AgentFilter;
  filters: readonly Filter[];
  state: ListState;
  tools: ReactNode;
  onOpen: (agentId: string) => void;
}

/** Every agent as one cell, by group. */
export function FleetHeat({ filter, filters, state, tools, onOpen }: Props) {
  const { t } = useI18n();
  const query = useHeat(filter, CELLS);
  return (
    <>
      <FilterBar filters={filters} state={state} search={t("agents.search")} tools={tools} />
      <QueryState query={query} pace="list">
        {({ groups, agents, conditions }) => (
          <div className="heat-groups">
            {agents === 0 && state.filtered && <EmptyFiltered filters={filters} state={state} />}
            {groups.map((group) => (
              <section key={group.group_id ?? ""} aria-label={group.name || t("agents.nogroup")}>
                <h2 className="heat-head">
                  {group.group_id === null ? (
                    <span>{t("agents.nogroup")}</span>
                  ) : (
                    <Link to="/groups/$groupId" params={{ groupId: group.group_id }}>
                      {group.name}
                    </Link>
                  )}
                  <span className="dim">{t("agents.count", { count: group.agents })}</span>
                  <Counts counts={group.conditions} short />
                </h2>
                <Heat cells={group.cells} label={t("heat.label", { name: group.name || t("agents.nogroup") })} size={14} onOpen={onOpen} />
                {group.cells.length < group.agents && <p className="dim small">{t("heat.rest", { count: group.agents - group.cells.length })}</p>}
              </section>
            ))}
            {agents > 0 && <Counts counts={conditions} whole />}
          </div>
        )}
      </QueryState>
    </>
  );
}
