import { Link } from "@tanstack/react-router";
import type { AgentHeat } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Heat } from "../../../ui/Heat";
import { Empty, ErrorBlock, Loading } from "../../../ui/StateBlock";
import { Counts } from "../../agents/list/Counts";

interface Props {
  heat: AgentHeat | undefined;
  error: Error | null;
  retry: () => void;
  onOpen: (agentId: string) => void;
}

/** Every agent as one cell, by group. */
export function FleetHeatCard({ heat, error, retry, onOpen }: Props) {
  const { t } = useI18n();
  return (
    <Card
      title={t("fleet.heat")}
      sub={heat && t("agents.count", { count: heat.agents })}
      tools={
        <Link to="/agents" className="small">
          {t("fleet.enter")}
        </Link>
      }
    >
      {error && <ErrorBlock error={error} retry={retry} />}
      {!heat && !error && <Loading rows={4} />}
      {heat?.agents === 0 && <Empty title={t("agents.empty")}>{t("fleet.heat.none")}</Empty>}
      {heat && heat.agents > 0 && (
        <div className="heat-groups">
          {heat.groups.map((group) => (
            <section key={group.group_id ?? ""} aria-label={group.name || t("agents.nogroup")}>
              <h3 className="heat-head">
                {group.group_id === null ? (
                  <span>{t("agents.nogroup")}</span>
                ) : (
                  <Link to="/groups/$groupId" params={{ groupId: group.group_id }}>
                    {group.name}
                  </Link>
                )}
                <span className="dim">{t("agents.count", { count: group.agents })}</span>
                <Counts counts={group.conditions} short />
              </h3>
              <Heat cells={group.cells} label={t("heat.label", { name: group.name || t("agents.nogroup") })} onOpen={onOpen} />
              {group.cells.length < group.agents && <p className="dim small">{t("heat.rest", { count: group.agents - group.cells.length })}</p>}
            </section>
          ))}
          <Counts counts={heat.conditions} whole />
        </div>
      )}
    </Card>
  );
}
