import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../../api/account";
import { type AgentDetail, useAgent } from "../../../api/agents";
import { useKeys } from "../../../app/keys";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { type Neighbour, Related } from "../../../ui/Related";
import { type Tab, Tabs } from "../../../ui/Tabs";
import { UnderWay } from "../../configs/rollout/UnderWay";
import { type Act, AgentAct } from "../acts/AgentAct";
import { useAllowed } from "../acts/allowed";
import { ConditionText } from "../list/columns";
import { AuditTab } from "./AuditTab";
import { ConfigTab } from "./ConfigTab";
import { HostTab } from "./HostTab";
import { Summary } from "./Summary";
import { WorkTab } from "./WorkTab";
import "../../../styles/agents.css";

export type TabKey = "summary" | "work" | "config" | "host" | "audit";

/** One agent: how it is and was, what it carries, what it runs, what was done with it. */
export function AgentPage() {
  const { t } = useI18n();
  const { agentId } = useParams({ from: "/agents/$agentId" });
  const query = useAgent(agentId);
  const agent = query.data;
  return (
    <div className="stack">
      <PageHead title={agent?.hostname ?? agentId} crumbs={[{ label: t("nav.agents"), to: "/agents" }]}>
        {agent && <ConditionText agent={agent} />}
        {agent && <span className="dim mono host">{agent.agent_id}</span>}
      </PageHead>
      <QueryState query={query} pace="detail" object={{ what: t("agents.one"), id: agentId }}>
        {(found) => <One agent={found} />}
      </QueryState>
    </div>
  );
}

function One({ agent }: { agent: AgentDetail }) {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const { tab: wanted } = useSearch({ from: "/agents/$agentId" });
  const tabs: Tab<TabKey>[] = [
    { key: "summary", label: t("agent.tab.summary") },
    ...(may("events:read") ? [{ key: "work", label: t("agent.tab.work") } as const] : []),
    ...(may("config:read") ? [{ key: "config", label: t("agent.tab.config") } as const] : []),
    { key: "host", label: t("agent.tab.host") },
    ...(may("audit:read") ? [{ key: "audit", label: t("agent.tab.audit") } as const] : []),
  ];
  const tab = tabs.find(({ key }) => key === wanted)?.key ?? "summary";
  const setTab = (key: TabKey): void =>
    void navigate({ to: ".", search: (old) => ({ ...old, tab: key }), resetScroll: false });
  return (
    <>
      <Head agent={agent} />
      <Tabs label={agent.hostname} tabs={tabs} value={tab} onChange={setTab}>
        {tab === "summary" && <Summary agent={agent} underWay={<UnderWay agent={agent.agent_id} />} />}
        {tab === "work" && <WorkTab agent={agent} />}
        {tab === "config" && <ConfigTab agent={agent} underWay={<UnderWay agent={agent.agent_id} />} />}
        {tab === "host" && <HostTab agent={agent} />}
        {tab === "audit" && <AuditTab agentId={agent.agent_id} />}
      </Tabs>
    </>
  );
}

/** Its neighbours on other pages, and what may be done with it. */
function Head({ agent }: { agent: AgentDetail }) {
  const { t } = useI18n();
  const allowed = useAllowed();
  const may = useMay();
  const [act, setAct] = useState<Act | null>(null);
  const gone = agent.state === "revoked";
  const denied = allowed.operate ? (gone ? t("agents.gone") : undefined) : t("agents.denied");
  useKeys([{ key: "m", label: "agents.key.move", run: () => denied === undefined && setAct("move") }]);
  const acts: Act[] = ["move", "labels", agent.drain ? "undrain" : "drain"];
  const neighbours: Neighbour[] = [
    { key: "files", label: t("nav.files"), to: "/files" as never, search: { agent: agent.agent_id } as never },
    ...(may("events:read") ? [{ key: "events", label: t("nav.events"), to: "/events" as never, search: { agent: [agent.agent_id] } as never }] : []),
    ...agent.groups.map(({ group_id, name }): Neighbour => ({ key: group_id, label: t("agent.group", { name }), to: "/groups/$groupId", params: { groupId: group_id } as never })),
  ];
  return (
    <div className="object-head">
      <Related neighbours={neighbours} />
      <span className="object-acts">
        {acts.map((one) => (
          <button key={one} type="button" className="button small" disabled={denied !== undefined} title={denied} onClick={() => setAct(one)}>
            {t(`agents.act.${one}`)}
          </button>
        ))}
        <button
          type="button"
          className="button small"
          disabled={!allowed.revoke || gone}
          title={gone ? t("agents.gone") : allowed.revoke ? undefined : t("agents.revoke.denied")}
          onClick={() => setAct("revoke")}
        >
          {t("agents.act.revoke")}
        </button>
      </span>
      {act && (
        <AgentAct
          act={act}
          targets={[{ key: agent.agent_id, name: agent.hostname }]}
          close={() => setAct(null)}
          group={agent.groups.find(({ by_name }) => by_name)?.group_id ?? ""}
          labels={agent.set_labels}
        />
      )}
    </div>
  );
}
