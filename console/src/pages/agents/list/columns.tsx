import type { AgentSummary } from "../../../api/agents";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatBytes, formatCount, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Beat } from "../../../ui/Beat";
import { CONDITION_TONE } from "../../../ui/conditions";
import { MidText } from "../../../ui/MidText";
import { Status } from "../../../ui/Status";
import type { Column } from "../../../ui/table/types";
import { TimeText } from "../../../ui/TimeText";
import { failedPct, failedTone, formatPct, problemOf, queuedOf, runningText, STANDING_TONE, wantedText } from "../words";

/** The state in a word; the tooltip says why. */
export function ConditionText({ agent }: { agent: Pick<AgentSummary, "condition" | "cause"> }) {
  const { t, language } = useI18n();
  const why = agent.cause ? wordOf(language, "cause", agent.cause) : undefined;
  return (
    <span title={why}>
      <Status tone={CONDITION_TONE[agent.condition]}>{t(`condition.${agent.condition}`)}</Status>
    </span>
  );
}

/** The host and the group that decides most about it. */
function HostText({ agent }: { agent: AgentSummary }) {
  const [group] = agent.groups;
  return (
    <span className="host-cell">
      <MidText text={agent.hostname} className="mono strong" />
      {group && <span className="dim small el">{group.name}</span>}
    </span>
  );
}

/** What runs, and what should run where that is something else. */
export function ConfigText({ agent }: { agent: AgentSummary }) {
  const i18n = useI18n();
  const { t } = i18n;
  const standing = agent.config_stand?.standing;
  const apart = standing === "held" || standing === "local";
  const wanted = apart ? "" : wantedText(agent, i18n);
  const tone = standing === undefined || standing === "in_sync" || standing === "unmanaged" ? "" : STANDING_TONE[standing];
  return (
    <span className="config-cell" title={standing && t(`standing.${standing}`)}>
      {standing !== "local" && (
        <span className={`tag ${tone}`}>
          {runningText(agent, i18n)}
          {wanted && ` → ${wanted}`}
        </span>
      )}
      {apart && <Status tone={STANDING_TONE[standing]}>{t(`standing.${standing}`)}</Status>}
    </span>
  );
}

function ProblemText({ agent }: { agent: AgentSummary }) {
  const i18n = useI18n();
  const problem = problemOf(agent, i18n);
  if (!problem) return <span className="dim">{i18n.t("none")}</span>;
  return (
    <span className={problem.past ? "el dim" : "el"} title={problem.whole}>
      {problem.text}
      {problem.more > 0 && <span className="dim"> {i18n.t("agents.more", { count: problem.more })}</span>}
    </span>
  );
}

function FailedText({ agent }: { agent: AgentSummary }) {
  const { t } = useI18n();
  const pct = failedPct(agent);
  if (pct === null) return <span className="dim">{t("none")}</span>;
  return (
    <span className={`share ${failedTone(pct)}`} title={t("agents.failed.of", { failed: agent.recent.failed, ended: agent.recent.failed + agent.recent.done })}>
      {formatPct(pct)}
    </span>
  );
}

const labelsText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([name, value]) => (value ? `${name}=${value}` : name))
    .join(" ");

/** The columns of the list of agents, those that are hidden at first included. */
export function agentColumns(i18n: I18n): Column<AgentSummary>[] {
  const { t, language } = i18n;
  const count = (value: number | null): string => (value === null ? t("none") : formatCount(value, language));
  return [
    {
      key: "hostname", title: t("agents.host"), primary: true, sortable: true, phone: "title", width: "23%",
      render: (agent) => <HostText agent={agent} />,
      text: (agent) => agent.hostname,
    },
    {
      key: "group", title: t("agents.group"), sortable: true, optional: true, width: 120,
      render: (agent) => <span className="el dim" title={agent.groups.map(({ name }) => name).join(t("list.and"))}>{agent.groups[0]?.name ?? t("none")}</span>,
      text: (agent) => agent.groups.map(({ name }) => name).join(" "),
    },
    {
      key: "condition", title: t("agents.condition"), sortable: true, width: 100, phone: "aside",
      render: (agent) => <ConditionText agent={agent} />,
      text: (agent) => agent.condition,
    },
    { key: "strip", title: t("agents.strip"), width: 138, phone: "line", render: (agent) => <Beat strip={agent.strip} />, text: (agent) => agent.strip },
    { key: "version", title: t("agents.release"), sortable: true, width: 66, hideBelow: 1440, phone: "none", render: (agent) => <span className="mono">{agent.version}</span>, text: (agent) => agent.version },
    { key: "config", title: t("agents.config"), width: 116, phone: "line", render: (agent) => <ConfigText agent={agent} />, text: (agent) => `${runningText(agent, i18n)} ${wantedText(agent, i18n)}`.trim() },
    { key: "queued", title: t("agents.queued"), sortable: true, align: "end", width: 62, hideBelow: 900, phone: "none", render: (agent) => count(queuedOf(agent)), text: queuedOf },
    { key: "failed", title: t("agents.failed"), sortable: true, align: "end", width: 68, hideBelow: 900, phone: "none", render: (agent) => <FailedText agent={agent} />, text: failedPct },
    { key: "problem", title: t("agents.problem"), phone: "line", render: (agent) => <ProblemText agent={agent} />, text: (agent) => problemOf(agent, i18n)?.text ?? "" },
    {
      key: "contact", title: t("agents.contact"), sortable: true, align: "end", width: 98,
      render: (agent) => (agent.last_contact_at ? <TimeText at={agent.last_contact_at} relative /> : t("none")),
      text: (agent) => agent.last_contact_at,
    },
    { key: "labels", title: t("agents.labels"), optional: true, width: 200, render: (agent) => <span className="el mono dim" title={labelsText(agent.labels)}>{labelsText(agent.labels)}</span>, text: (agent) => labelsText(agent.labels) },
    { key: "ip", title: t("agents.ip"), optional: true, width: 120, render: (agent) => <span className="mono">{agent.ip}</span>, text: (agent) => agent.ip },
    { key: "os", title: t("agents.os"), optional: true, width: 160, render: (agent) => <span className="el" title={agent.os}>{agent.os}</span>, text: (agent) => agent.os },
    { key: "disk", title: t("agents.disk"), optional: true, align: "end", width: 96, render: (agent) => diskText(agent, t("none")), text: (agent) => agent.metrics?.disk_free_bytes ?? null },
    { key: "skew", title: t("agents.skew"), optional: true, align: "end", width: 96, render: (agent) => (agent.clock_skew_ms === null ? t("none") : skewText(agent.clock_skew_ms, i18n)), text: (agent) => agent.clock_skew_ms },
  ];
}

export const diskText = ({ metrics }: Pick<AgentSummary, "metrics">, none: string): string =>
  metrics?.disk_free_bytes === null || metrics?.disk_free_bytes === undefined ? none : formatBytes(metrics.disk_free_bytes);

/** How far a clock is ahead or behind. */
export function skewText(ms: number, { t }: I18n): string {
  const time = formatDuration(Math.abs(ms) / 1000, t);
  return t(ms >= 0 ? "agents.skew.ahead" : "agents.skew.behind", { time });
}
