import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type AgentFilter, type GroupView, useGroupList, useHeat } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { Heat } from "../../../ui/Heat";
import { Icon } from "../../../ui/Icon";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { useAllowed } from "../acts/allowed";
import { GroupEditor } from "../group/GroupEditor";
import { Counts } from "./Counts";

/** Cells that a line of a table has room for; the worst are kept. */
const CELLS = 120;

/** The groups: who belongs to them by which rule, and how they are. */
export function FleetGroups({ filter, tools, onOpen }: { filter: AgentFilter; tools: ReactNode; onOpen: (agentId: string) => void }) {
  const { t } = useI18n();
  const query = useGroupList();
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
      <div className="filter-bar">
        <span className="filter-tools">
          {tools}
          {make}
        </span>
      </div>
      <QueryState query={query}>
        {({ items }) =>
          items.length === 0 ? (
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
