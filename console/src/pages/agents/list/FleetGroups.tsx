import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type AgentFilter, type GroupView, useGroups, useHeat } from "../../../api/agents";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { FilterBar } from "../../../ui/filter/FilterBar";
import { Heat } from "../../../ui/Heat";
import { Icon } from "../../../ui/Icon";
import { QueryState } from "../../../ui/QueryState";
import { Empty, EmptyFiltered } from "../../../ui/StateBlock";
import { useAllowed } from "../acts/allowed";
import { GroupEditor } from "../group/GroupEditor";
import { Counts } from "./Counts";

/** Cells that a line of a table has room for; the worst are kept. */
const CELLS = 120;

const NO_FILTERS: readonly never[] = [];

interface Props {
  filter: AgentFilter;
  state: ListState;
  tools: ReactNode;
  onOpen: (agentId: string) => void;
}

/** The groups: who belongs to them by which rule, and how they are. */
export function FleetGroups({ filter: { text: typed = "", ...filter }, state, tools, onOpen }: Props) {
  const { t } = useI18n();
  const query = useGroups(typed);
  const heat = useHeat(filter, CELLS, { every: true }).data?.groups ?? [];
  const allowed = useAllowed();
  const [making, setMaking] = useState(false);
  const make = (
    <button type="button" className="button small" disabled={!allowed.groups} title={allowed.groups ? undefined : t("groups.denied")} onClick={() => setMaking(true)}>
      <Icon name="plus" size={13} />
      {t("groups.new")}
    </button>
  );
  return (
    <>
      <FilterBar filters={NO_FILTERS} state={state} search={t("groups.search")} tools={<>{tools}{make}</>} />
      <QueryState query={query}>
        {({ items }) =>
          items.length === 0 && typed !== "" ? (
            <EmptyFiltered filters={NO_FILTERS} state={state} />
          ) : items.length === 0 ? (
            <Empty title={t("groups.empty")} icon="layers" action={make}>
              <p>{t("groups.empty.sub")}</p>
            </Empty>
          ) : (
            <table className="groups" aria-label={t("agents.view.groups")}>
              <thead>
                <tr>
                  <th>{t("agents.group")}</th>
                  <th>{t("groups.rule")}</th>
                  <th className="num">{t("groups.agents")}</th>
                  <th>{t("agents.condition")}</th>
                  <th className="num">{t("groups.priority")}</th>
                </tr>
              </thead>
              <caption className="table-foot dim">{t("groups.total", { count: items.length })}</caption>
              <tbody>
                {items.map((group) => (
                  <GroupRow key={group.group_id} group={group} heat={heat.find(({ group_id }) => group_id === group.group_id)} onOpen={onOpen} />
                ))}
              </tbody>
            </table>
          )
        }
      </QueryState>
      {making && <GroupEditor close={() => setMaking(false)} />}
    </>
  );
}

type HeatGroup = NonNullable<ReturnType<typeof useHeat>["data"]>["groups"][number];

function GroupRow({ group, heat, onOpen }: { group: GroupView; heat: HeatGroup | undefined; onOpen: (agentId: string) => void }) {
  const { t } = useI18n();
  return (
    <tr>
      <td>
        <Link to="/groups/$groupId" params={{ groupId: group.group_id }} className="strong">
          {group.name}
        </Link>
        {group.description && <p className="dim small el">{group.description}</p>}
      </td>
      <td>
        <RuleText selector={group.selector} />
      </td>
      <td className="num">{group.agents}</td>
      <td className="group-heat">
        {heat && (
          <>
            <Heat cells={heat.cells} label={t("heat.label", { name: group.name })} size={10} onOpen={onOpen} />
            <Counts counts={heat.conditions} />
          </>
        )}
      </td>
      <td className="num dim">{group.priority}</td>
    </tr>
  );
}

/** Who belongs to a group: by labels, or only by name. */
export function RuleText({ selector }: { selector: string | null }) {
  const { t } = useI18n();
  return selector === null ? <span className="dim">{t("groups.byname")}</span> : <code className="tag mono">{selector || t("groups.everyone")}</code>;
}
