import { type ReactNode, useState } from "react";
import { type AgentConfigView, type AgentDetail, retryConfig, useAgentConfig, useRenew } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { refusalLine } from "../../../i18n/faults";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { STANDING_TONE, shortHash } from "../words";
import { type OriginName, rowsOf } from "./effective";

/** What it should run, where each value comes from, and whether it runs it. */
export function ConfigTab({ agent, underWay }: { agent: AgentDetail; underWay: ReactNode }) {
  const query = useAgentConfig(agent.agent_id);
  return (
    <div className="stack">
      <QueryState query={query}>
        {(config) => (
          <div className="stack">
            <Standing agent={agent} config={config} />
            {underWay}
            <Values config={config} />
          </div>
        )}
      </QueryState>
    </div>
  );
}

function Standing({ agent, config }: { agent: AgentDetail; config: AgentConfigView }) {
  const { t, language } = useI18n();
  const renew = useRenew();
  const [asking, setAsking] = useState(false);
  const { standing, wanted_hash: wanted, running_hash: running, attempt, faults } = config;
  return (
    <section className={`card drift ${STANDING_TONE[standing]}`} aria-label={t("agents.standing")}>
      <Status tone={STANDING_TONE[standing]} size={20} bare>
        {t(`standing.${standing}`)}
      </Status>
      <div>
        <p className="l1">{t(`standing.${standing}`)}</p>
        <p className="l2">{t(`agents.drift.${standing}`)}</p>
        {wanted !== running && standing !== "unmanaged" && (
          <p className="small mono">
            {t("agents.drift.hashes", { running: running ? shortHash(running) : t("agents.config.own"), wanted: shortHash(wanted) })}
          </p>
        )}
        {attempt && (
          <p className="small dim">
            {t(`agents.attempt.${attempt.phase}`)} · <TimeText at={attempt.changed_at} />
          </p>
        )}
        {[...(attempt?.phase === "failed" ? attempt.reason : []), ...faults].map((fault) => (
          <p key={`${fault.pointer} ${fault.code}`} className="small broken">
            <span className="mono">{fault.pointer}</span> {refusalLine(language, fault)}
          </p>
        ))}
      </div>
      {standing === "held" && (
        <button type="button" className="button small" onClick={() => setAsking(true)}>
          {t("agents.drift.retry")}
        </button>
      )}
      {asking && (
        <ActionDialog
          title={t("agents.drift.retry.title", { name: agent.hostname })}
          act={t("agents.drift.retry")}
          close={() => setAsking(false)}
          run={async (order) => {
            await retryConfig(agent.agent_id, order);
            renew();
          }}
          done={() => t("agents.drift.retried")}
        >
          <p>{t("agents.drift.retry.effect")}</p>
        </ActionDialog>
      )}
    </section>
  );
}

function Values({ config }: { config: AgentConfigView }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const rows = rowsOf(config);
  const wanted = typed.trim().toLowerCase();
  const shown = wanted ? rows.filter(({ pointer, value }) => `${pointer} ${value}`.toLowerCase().includes(wanted)) : rows;
  const originText = (origin: OriginName | null): string => {
    if (origin === null) return t("none");
    const place = origin.kind === "base" ? t("agents.rollout.base") : origin.kind === "agent" ? t("agents.layer.agent") : origin.name;
    return t("agents.effective.origin", { place, number: origin.number });
  };
  return (
    <Card
      title={t("agents.effective.title")}
      sub={t("agents.effective.count", { count: rows.length })}
      tools={
        <span className="field search">
          <input type="text" aria-label={t("agents.effective.find")} placeholder={t("agents.effective.find")} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </span>
      }
    >
      {rows.length === 0 ? (
        <Empty title={t("agents.effective.none")} icon="layers">
          {t("agents.effective.none.sub")}
        </Empty>
      ) : (
        <table className="effective plain-cards" aria-label={t("agents.effective.title")}>
          <thead>
            <tr>
              <th>{t("agents.effective.key")}</th>
              <th>{t("agents.effective.value")}</th>
              <th>{t("agents.effective.from")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ pointer, value, origin }) => (
              <tr key={pointer}>
                <td className="mono breakable">{pointer.slice(1).replaceAll("/", ".")}</td>
                <td className="mono breakable" data-label={t("agents.effective.value")}>{value}</td>
                <td data-label={t("agents.effective.from")}>
                  <span className={`tag origin ${origin?.kind ?? ""}`} title={origin?.why ?? ""}>
                    {originText(origin)}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
