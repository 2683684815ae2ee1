import { useQuery } from "@tanstack/react-query";
import type { AgentDetail } from "../../../api/agents";
import { RequestError } from "../../../api/client";
import { fetchHost, useOwnAgent } from "../../../api/host";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatCount, formatDuration } from "../../../i18n/format";
import { usePolling } from "../../../live/useLive";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Disabled } from "../../../ui/StateBlock";
import { TimeText } from "../../../ui/TimeText";

/** The host: for the one this process runs on everything, for others what their heartbeats tell. */
export function HostTab({ agent }: { agent: AgentDetail }) {
  const own = useOwnAgent().data;
  return (
    <div className="stack">
      <Told agent={agent} />
      {own !== undefined && own === agent.agent_id && <Full />}
    </div>
  );
}

function Told({ agent }: { agent: AgentDetail }) {
  const { t, language } = useI18n();
  const { metrics } = agent;
  const none = t("none");
  const size = (bytes: number | null | undefined): string => (bytes === null || bytes === undefined ? none : formatBytes(bytes));
  return (
    <Card title={t("host.process")} sub={agent.last_contact_at ? <TimeText at={agent.last_contact_at} relative /> : none}>
      <div className="tiles inner">
        <Fact name={t("host.cpu")} value={metrics ? `${metrics.cpu_pct.toFixed(1)}%` : none} sub={t("host.cpu.sub")} />
        <Fact name={t("host.rss")} value={size(metrics?.rss_bytes)} sub={t("host.rss.sub")} />
        <Fact name={t("host.disk")} value={size(metrics?.disk_free_bytes)} sub={t("host.disk.sub")} />
        <Fact name={t("host.sending")} value={metrics ? formatCount(metrics.sending, language) : none} sub={t("host.sending.sub")} />
      </div>
    </Card>
  );
}

function Fact({ name, value, sub }: { name: string; value: string; sub: string }) {
  return (
    <div>
      <p className="stage-name">{name}</p>
      <p className="big">{value}</p>
      <p className="small dim el">{sub}</p>
    </div>
  );
}

const PROCESSES = 20;

function Full() {
  const { t } = useI18n();
  const query = useQuery({
    queryKey: ["host"],
    queryFn: ({ signal }) => fetchHost(PROCESSES, signal),
    refetchInterval: usePolling("detail"),
  });
  if (query.error instanceof RequestError && query.error.code === "host_disabled") {
    return <Disabled title={t("host.off")}>{t("host.off.sub", { setting: query.error.params["setting"] ?? "" })}</Disabled>;
  }
  return (
    <QueryState query={query}>
      {(host) => (
        <div className="stack">
          <section className="card tiles" aria-label={t("host.title")}>
            <Fact name={t("host.cpu.all")} value={`${host.cpu.used_pct.toFixed(0)}%`} sub={t("host.cores", { count: host.cpu.cores, load: host.load.map((one) => one.toFixed(2)).join(" ") })} />
            <Fact name={t("host.memory")} value={formatBytes(host.memory.used_bytes)} sub={t("host.of", { total: formatBytes(host.memory.total_bytes) })} />
            <Fact name={t("host.disks")} value={formatBytes(host.disk.used_bytes)} sub={t("host.of", { total: formatBytes(host.disk.total_bytes) })} />
            <Fact name={t("host.uptime")} value={formatDuration(host.uptime_s, t)} sub={`${host.os} ${host.kernel}`} />
          </section>
          <Card title={t("host.processes")} sub={t("host.processes.sub", { count: host.processes_total })}>
            <table aria-label={t("host.processes")}>
              <thead>
                <tr>
                  <th>{t("host.name")}</th>
                  <th className="num">{t("host.pid")}</th>
                  <th>{t("host.user")}</th>
                  <th className="num">{t("host.cpu")}</th>
                  <th className="num">{t("host.memory")}</th>
                  <th>{t("host.command")}</th>
                </tr>
              </thead>
              <tbody>
                {host.processes.map((process) => (
                  <tr key={process.pid}>
                    <td className="mono">{process.name}</td>
                    <td className="num mono">{process.pid}</td>
                    <td>{process.user ?? t("none")}</td>
                    <td className="num">{process.cpu_pct.toFixed(1)}%</td>
                    <td className="num">{formatBytes(process.rss_bytes)}</td>
                    <td className="mono small breakable dim">{process.command ?? t("none")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Card>
        </div>
      )}
    </QueryState>
  );
}
