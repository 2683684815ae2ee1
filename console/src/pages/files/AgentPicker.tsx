import { useState } from "react";
import { useMe } from "../../api/account";
import { type AgentChoice, LOCAL, useAgentChoices } from "../../api/files";
import { useOverview } from "../../api/queries";
import { useI18n } from "../../i18n/context";
import { SearchField } from "../../ui/filter/SearchField";
import { Icon } from "../../ui/Icon";
import { Popup } from "../../ui/Popup";
import { QueryState } from "../../ui/QueryState";
import { Status, type Tone } from "../../ui/Status";

const TONES: Record<NonNullable<AgentChoice["state"]>, Tone> = {
  online: "ok",
  degraded: "warn",
  offline: "mute",
  draining: "run",
  revoked: "mute",
};

interface Props {
  agent: AgentChoice | undefined;
  choose: (id: string) => void;
}

/** Whose files: the agent, chosen by name. */
export function AgentPicker({ agent, choose }: Props) {
  const { t } = useI18n();
  const name = useAgentName(agent);
  if (agent?.id === LOCAL) {
    return (
      <div className="agent-pick static">
        <Icon name="server" size={15} />
        <strong className="el">{name}</strong>
      </div>
    );
  }
  return (
    <Popup
      className="button agent-pick"
      button={
        <>
          <Icon name="server" size={15} />
          <strong className="el grow">{name || t("browse.agent")}</strong>
          {agent?.state && agent.state !== "online" && <Status tone={TONES[agent.state]} bare>{t(`browse.agent.${agent.state}`)}</Status>}
          <Icon name="down" size={13} />
        </>
      }
    >
      {(close) => (
        <Choices
          chosen={agent?.id}
          choose={(id) => {
            choose(id);
            close();
          }}
        />
      )}
    </Popup>
  );
}

/** What people call an agent; the one of this process has the host's name. */
export function useAgentName(agent: AgentChoice | undefined): string {
  const overview = useOverview();
  return agent?.name || (agent?.id === LOCAL ? overview.data?.hostname : undefined) || (agent?.id ?? "");
}

/** Whose files are shown when the address names nobody: the edge of this process, else one that answers. */
export function useUsualAgent(choices: readonly AgentChoice[] | undefined): AgentChoice | undefined {
  const overview = useOverview();
  const own = overview.data?.centre?.agent_id;
  const me = useMe();
  // a centre alone has no overview of its own: that question is never asked
  if (me.isPending || overview.isLoading) return undefined;
  return choices?.find(({ id }) => id === own) ?? choices?.find(({ state }) => state === "online") ?? choices?.[0];
}

function Choices({ chosen, choose }: { chosen: string | undefined; choose: (id: string) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const found = useAgentChoices(text);
  return (
    <div className="agent-choices">
      <SearchField label={t("browse.agent.find")} value={text} onSearch={setText} />
      <QueryState query={found} rows={4}>
        {(agents) =>
          agents.length ? (
            <div className="menu-list">
              {agents.map(({ id, name, state }) => (
                <button key={id} type="button" className="menu-item" aria-pressed={id === chosen} onClick={() => choose(id)}>
                  {state && <Status tone={TONES[state]} bare>{t(`browse.agent.${state}`)}</Status>}
                  <span className="el">{name || id}</span>
                  {state && state !== "online" && <span className="menu-count">{t(`browse.agent.${state}`)}</span>}
                </button>
              ))}
            </div>
          ) : (
            <p className="facet-none dim">{t("browse.agent.none")}</p>
          )
        }
      </QueryState>
    </div>
  );
}
