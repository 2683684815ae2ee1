import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type AgentSummary, deleteGroup, fetchAgents, type GroupView, rehearseGroupEnd, useGroup, useHeat, useRenew } from "../../../api/agents";
import { useListState } from "../../../app/listSearch";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { usePreview } from "../../../ui/action/usePreview";
import { Card } from "../../../ui/Card";
import { Heat } from "../../../ui/Heat";
import { QueryState } from "../../../ui/QueryState";
import { Related } from "../../../ui/Related";
import { Empty } from "../../../ui/StateBlock";
import { DataTable } from "../../../ui/table/DataTable";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";
import { UnderWay } from "../../configs/rollout/UnderWay";
import { useAllowed } from "../acts/allowed";
import { Counts } from "../list/Counts";
import { agentColumns } from "../list/columns";
import { RuleText } from "../list/FleetGroups";
import { sortOf } from "../search";
import { GroupEditor } from "./GroupEditor";
import { Inherited } from "./Inherited";
import "../../../styles/agents.css";

const keyOf = (agent: AgentSummary): string => agent.agent_id;
const nameOf = (agent: AgentSummary): string => agent.hostname;
const pathOf = (agent: AgentSummary): string => `/agents/${agent.agent_id}`;
const NO_FILTERS: readonly string[] = [];
const CELLS = 2_000;

/** One group: who belongs to it and why, how they are, what they inherit. */
export function GroupPage() {
  const { t } = useI18n();
  const { groupId } = useParams({ from: "/groups/$groupId" });
  const query = useGroup(groupId);
  return (
    <div className="stack">
      <PageHead title={query.data?.name ?? groupId} crumbs={[{ label: t("nav.agents"), to: "/agents?show=groups" }]}>
        {query.data && <span className="dim">{t("agents.count", { count: query.data.agents })}</span>}
      </PageHead>
      <QueryState query={query} object={{ what: t("groups.one"), id: groupId }}>
        {(group) => <One group={group} />}
      </QueryState>
    </div>
  );
}

function One({ group }: { group: GroupView }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const heat = useHeat({ group: [group.group_id] }, CELLS).data;
  const cells = useMemo(() => (heat?.groups ?? []).flatMap((one) => one.cells), [heat]);
  return (
    <>
      <Head group={group} />
      <UnderWay into={({ kind, subject }) => kind === "base" || (kind === "group" && subject === group.group_id)} />
      <div className="cols-side">
        <Card title={t("groups.members")} sub={heat && <Counts counts={heat.conditions} whole />}>
          <div className="pad">
            {cells.length > 0 ? (
              <Heat cells={cells} label={t("heat.label", { name: group.name })} size={14} onOpen={(id) => void navigate({ to: "/agents/$agentId", params: { agentId: id } })} />
            ) : (
              <p className="dim">{t("groups.members.none")}</p>
            )}
          </div>
        </Card>
        <Facts group={group} />
      </div>
      <Inherited group={group} />
      <Members group={group} />
    </>
  );
}

function Head({ group }: { group: GroupView }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenew();
  const allowed = useAllowed();
  const preview = usePreview();
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const denied = allowed.groups ? undefined : t("groups.denied");
  return (
    <div className="object-head">
      <Related
        neighbours={[
          { key: "agents", label: t("groups.in.list"), to: "/agents", search: { in: [group.group_id] } as never },
          { key: "configs", label: t("nav.configs"), to: "/configs" as never },
        ]}
      />
      <span className="object-acts">
        <button type="button" className="button small" disabled={denied !== undefined} title={denied} onClick={() => setOpen("edit")}>
          {t("groups.edit")}
        </button>
        <button type="button" className="button small" disabled={denied !== undefined} title={denied} onClick={() => setOpen("delete")}>
          {t("groups.delete")}
        </button>
      </span>
      {open === "edit" && <GroupEditor group={group} close={() => setOpen(null)} />}
      {open === "delete" && (
        <ActionDialog
          title={t("groups.delete.title", { name: group.name })}
          act={t("groups.delete")}
          close={() => setOpen(null)}
          typed={group.name}
          preview={async (signal) => ({ ...preview(await rehearseGroupEnd(group.group_id, signal)), picture: <p>{t("groups.delete.effect")}</p> })}
          run={async (order) => {
            await deleteGroup(group.group_id, order);
            renew();
            void navigate({ to: "/agents", search: { show: "groups" } as never });
          }}
          done={() => t("groups.deleted", { name: group.name })}
        />
      )}
    </div>
  );
}

function Facts({ group }: { group: GroupView }) {
  const { t } = useI18n();
  const { thresholds } = group;
  return (
    <Card title={t("groups.settings")}>
      <dl className="facts pad">
        <dt>{t("groups.rule")}</dt>
        <dd>
          <RuleText selector={group.selector} />
        </dd>
        <dt>{t("groups.description")}</dt>
        <dd>{group.description || t("none")}</dd>
        <dt>{t("groups.priority")}</dt>
        <dd>{group.priority}</dd>
        <dt>{t("groups.thresholds")}</dt>
        <dd>
          {thresholds
            ? t("groups.thresholds.own", {
                beat: formatDuration(thresholds.heartbeat_s, t),
                late: formatDuration(thresholds.degraded_after_s, t),
                offline: formatDuration(thresholds.offline_after_s, t),
              })
            : t("groups.thresholds.usual")}
        </dd>
        <dt>{t("groups.changed")}</dt>
        <dd>
          <TimeText at={group.updated_at} />
        </dd>
      </dl>
    </Card>
  );
}

function Members({ group }: { group: GroupView }) {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(NO_FILTERS);
  const sort = sortOf(state.sort);
  const fetch = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      const page = await fetchAgents({ group: [group.group_id], ...(state.q ? { text: state.q } : {}) }, sort, cursor, signal);
      return { items: page.items, next: page.next_cursor, total: page.total };
    },
    [group.group_id, sort, state.q],
  );
  const list = useList<AgentSummary, Awaited<ReturnType<typeof fetch>>>({ queryKey: ["agents", "list", group.group_id, sort, state.q], fetch, keyOf });
  const columns = useMemo(() => agentColumns(i18n).filter(({ key }) => key !== "group"), [i18n]);
  return (
    <section className="card fleet" aria-label={t("groups.members")}>
      <DataTable
        name="group-members"
        label={t("groups.members")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={nameOf}
        opens={pathOf}
        search={t("agents.search")}
        empty={<Empty title={t("groups.members.none")}>{t("groups.members.none.sub")}</Empty>}
      />
    </section>
  );
}
