import type { ReactNode } from "react";
import type { AgentDetail } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatCount, formatDuration } from "../../../i18n/format";
import { rawOf, wordOf } from "../../../i18n/translate";
import { Beat } from "../../../ui/Beat";
import { Card } from "../../../ui/Card";
import { CONDITION_TONE } from "../../../ui/conditions";
import { Copy } from "../../../ui/Copy";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { ConfigText, skewText } from "../list/columns";
import { codeText, failedPct, failedTone, formatPct, queuedOf, reasonOf } from "../words";
import { Timeline } from "./Timeline";

/** How it is and was; `underWay` are the rollouts that reach it. */
export function Summary({ agent, underWay }: { agent: AgentDetail; underWay: ReactNode }) {
  return (
    <div className="stack">
      <Verdict agent={agent} />
      <Numbers agent={agent} />
      {underWay}
      <div className="cols-side">
        <Timeline agentId={agent.agent_id} />
        <div className="stack side">
          <Errors agent={agent} />
          <Facts agent={agent} />
        </div>
      </div>
    </div>
  );
}

function Verdict({ agent }: { agent: AgentDetail }) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const tone = CONDITION_TONE[agent.condition];
  const why = agent.cause ? wordOf(language, "cause", agent.cause) : "";
  const reasons = agent.reasons.map((reason) => reasonOf(reason, i18n));
  return (
    <section className={`card agent-verdict ${tone}`} aria-label={t("agent.verdict")}>
      <Status tone={tone} size={agent.condition === "online" ? 18 : 24} bare>
        {t(`condition.${agent.condition}`)}
      </Status>
      <div>
        <p className="l1">
          {t("agent.since", { state: t(`condition.${agent.condition}`), why: why ? t("agent.why", { why }) : "" })}
          <TimeText at={agent.state_since} relative />
        </p>
        {agent.reasons.map((reason, index) => (
          <p key={`${reason.code} ${index}`} className="l2">
            {reasons[index]}
            {rawOf({ ...reason, message: reason.code }) && <span className="mono dim"> {rawOf({ ...reason, message: reason.code })}</span>}
          </p>
        ))}
      </div>
      <span className="wide-beat">
        <Beat strip={agent.strip} />
        <span className="dim small">{t("agents.strip")}</span>
      </span>
    </section>
  );
}

function Tile({ name, value, sub, tone = "" }: { name: string; value: ReactNode; sub?: ReactNode; tone?: string }) {
  return (
    <div className={tone}>
      <p className="stage-name">{name}</p>
      <p className="big">{value}</p>
      {sub !== undefined && <p className="small dim el">{sub}</p>}
    </div>
  );
}

function Numbers({ agent }: { agent: AgentDetail }) {
  const { t, language } = useI18n();
  const { metrics, recent } = agent;
  const none = t("none");
  const queued = queuedOf(agent);
  const pct = failedPct(agent);
  return (
    <section className="card tiles" aria-label={t("agent.numbers")}>
      <Tile
        name={t("agents.queued")}
        value={queued === null ? none : formatCount(queued, language)}
        sub={metrics?.oldest_waiting_s ? t("agent.oldest", { time: formatDuration(metrics.oldest_waiting_s, t) }) : t("agent.nowait")}
      />
      <Tile name={t("agents.failed")} tone={failedTone(pct)} value={pct === null ? none : formatPct(pct)} sub={t("agents.failed.of", { failed: recent.failed, ended: recent.failed + recent.done })} />
      <Tile name={t("agent.done")} value={metrics ? formatCount(metrics.done_total, language) : none} sub={metrics ? formatBytes(metrics.done_bytes_total) : none} />
      <Tile name={t("agent.dead")} tone={metrics?.dead ? "warn" : ""} value={metrics ? formatCount(metrics.dead, language) : none} sub={t("agent.dead.sub")} />
      <Tile
        name={t("agents.contact")}
        value={agent.last_contact_at ? <TimeText at={agent.last_contact_at} relative /> : none}
        sub={t("agent.beats", { count: agent.heartbeats, every: formatDuration(agent.thresholds.heartbeat_s, t) })}
      />
    </section>
  );
}

function Errors({ agent }: { agent: AgentDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const open = Object.entries(agent.breakers).filter(([, state]) => state !== "closed");
  if (!agent.errors.length && !open.length) return null;
  return (
    <Card title={t("agent.errors")} sub={t("agent.errors.sub")}>
      <ul className="lines">
        {open.map(([store, state]) => (
          <li key={store}>
            <Status tone={state === "open" ? "crit" : "warn"}>{t("agent.breaker", { store, state: t(`breaker.${state === "open" ? "open" : "half_open"}`) })}</Status>
          </li>
        ))}
        {agent.errors.map((error, index) => (
          <li key={`${error.at} ${index}`}>
            <p className="line-head">
              <span className="strong">{codeText(error.code, i18n)}</span>
              <span className="dim">
                <TimeText at={error.at} />
              </span>
            </p>
            <p className="small breakable">{error.message}</p>
            {error.path && <p className="mono dim small breakable">{error.path}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Facts({ agent }: { agent: AgentDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const labels = (some: Record<string, string>): ReactNode =>
    Object.keys(some).length ? (
      <span className="chips">
        {Object.entries(some).map(([name, value]) => (
          <code key={name} className="tag mono">
            {value ? `${name}=${value}` : name}
          </code>
        ))}
      </span>
    ) : (
      t("none")
    );
  return (
    <Card title={t("agent.facts")}>
      <dl className="facts pad">
        <dt>{t("agents.config")}</dt>
        <dd>
          <ConfigText agent={agent} />
        </dd>
        <dt>{t("agents.release")}</dt>
        <dd className="mono">{agent.version}</dd>
        <dt>{t("agents.os")}</dt>
        <dd>{agent.os || t("none")}</dd>
        <dt>{t("agents.ip")}</dt>
        <dd className="mono">{agent.ip}</dd>
        {agent.address && (
          <>
            <dt>{t("agent.address")}</dt>
            <dd className="mono breakable">{agent.address}</dd>
          </>
        )}
        <dt>{t("agents.skew")}</dt>
        <dd>{agent.clock_skew_ms === null ? t("none") : skewText(agent.clock_skew_ms, i18n)}</dd>
        <dt>{t("agent.labels.own")}</dt>
        <dd>{labels(agent.own_labels)}</dd>
        <dt>{t("agent.labels.set")}</dt>
        <dd>{labels(agent.set_labels)}</dd>
        <dt>{t("agent.registered")}</dt>
        <dd>
          <TimeText at={agent.registered_at} />
        </dd>
        {agent.started_at && (
          <>
            <dt>{t("agent.started")}</dt>
            <dd>
              <TimeText at={agent.started_at} />
            </dd>
          </>
        )}
        {agent.outbox && (
          <>
            <dt>{t("agent.outbox")}</dt>
            <dd>{t("agent.outbox.of", { acked: agent.outbox.acked_seq, last: agent.outbox.last_seq })}</dd>
          </>
        )}
        <dt>{t("agent.id")}</dt>
        <dd className="row">
          <span className="mono breakable">{agent.agent_id}</span>
          <Copy text={agent.agent_id} what={t("agent.id")} />
        </dd>
      </dl>
    </Card>
  );
}
