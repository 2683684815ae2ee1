import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay } from "../../../api/account";
import { type FileTrace, useTrace } from "../../../api/dlq";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { type Neighbour, Related } from "../../../ui/Related";
import { Empty, Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Steps } from "./Steps";
import "../../../styles/dlq.css";

/** The whole life of one version of a file: told, decided, done, stored, notified. */
export function TracePage() {
  const { t } = useI18n();
  const may = useMay()("events:read");
  const { agent, path, version } = useSearch({ strict: false }) as { agent?: string; path?: string; version?: number };
  const name = path?.slice(path.lastIndexOf("/") + 1);
  return (
    <div className="stack">
      <PageHead title={name || t("trace.title")} crumbs={[{ label: t("trace.title"), to: "/files" }]} scoped={false} />
      {!may && <section className="card"><Forbidden permission="events:read" /></section>}
      {may && agent && path ? <Loaded agent={agent} path={path} version={version} /> : may && <section className="card"><Empty icon="folder" title={t("trace.none")}>{null}</Empty></section>}
    </div>
  );
}

function Loaded({ agent, path, version }: { agent: string; path: string; version: number | undefined }) {
  const { t } = useI18n();
  const query = useTrace(agent, path, version);
  return (
    <QueryState query={query} rows={8} object={{ what: t("trace.none"), id: path }} pace="list">
      {(trace) => <Shown trace={trace} />}
    </QueryState>
  );
}

function Shown({ trace }: { trace: FileTrace }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const choose = (version: number): void =>
    void navigate({ to: ".", search: ((old: object) => ({ ...old, version })) as never, replace: true, resetScroll: false });
  const neighbours: Neighbour[] = [
    { key: "file", label: t("dlq.to.file"), to: "/files" as never, search: { agent: trace.agent_id, path: trace.path } as never },
    { key: "agent", label: trace.hostname || trace.agent_id, to: "/agents/$agentId" as never, params: { agentId: trace.agent_id } as never },
  ];
  return (
    <section className="card trace" aria-label={t("trace.title")}>
      <header className="trace-head">
        <h2 className="mono">{trace.path}</h2>
        <label className="trace-version">
          <span className="dim">{t("trace.version")}</span>
          <select className="input" value={trace.version} onChange={(event) => choose(Number(event.target.value))}>
            {trace.versions.map(({ version }) => <option key={version} value={version}>{version}</option>)}
          </select>
        </label>
      </header>
      <p className="trace-whole">
        {trace.complete ? <Status tone="ok">{t("trace.complete")}</Status> : <Status tone="warn">{t("trace.missing", { count: trace.missing.length })}</Status>}
        {trace.missing.map(({ kind, id }) => <span key={`${kind}${id}`} className="tag mono">{t(`trace.missing.${kind}`, { id })}</span>)}
        {trace.events_left_out > 0 && <span className="dim">{t("trace.left", { count: trace.events_left_out })}</span>}
      </p>
      <Related neighbours={neighbours} />
      <Steps trace={trace} />
    </section>
  );
}
