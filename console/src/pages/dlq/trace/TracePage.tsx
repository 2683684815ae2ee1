import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay } from "../../../api/account";
import { type FileTrace, type LifeOf, useTrace } from "../../../api/dlq";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { type Neighbour, Related } from "../../../ui/Related";
import { Empty, Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Steps } from "./Steps";
import "../../../styles/dlq.css";

interface Search {
  agent?: string;
  path?: string;
  event?: string;
  version?: number;
}

/** Whose life the address asks for. */
function lifeOf({ agent, path, event, version }: Search): LifeOf | null {
  if (agent && path) return { agent, path, version };
  return event ? { event, version } : null;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The whole life of one version of a file: told, decided, done, stored, notified. */
export function TracePage() {
  const { t } = useI18n();
  const may = useMay()("events:read");
  const search = useSearch({ strict: false }) as Search;
  const life = lifeOf(search);
  if (may && life) return <Loaded life={life} name={nameOf(search.path ?? "")} />;
  return (
    <div className="stack">
      <Head name="" />
      <section className="card">{may ? <Empty icon="folder" title={t("trace.none")}>{t("trace.none.sub")}</Empty> : <Forbidden permission="events:read" />}</section>
    </div>
  );
}

function Head({ name }: { name: string }) {
  const { t } = useI18n();
  return <PageHead title={name || t("trace.title")} crumbs={[{ label: t("trace.title"), to: "/files" }]} scoped={false} />;
}

function Loaded({ life, name }: { life: LifeOf; name: string }) {
  const { t } = useI18n();
  const query = useTrace(life);
  return (
    <div className="stack">
      <Head name={name || nameOf(query.data?.path ?? "")} />
      <QueryState query={query} rows={8} object={{ what: t("trace.what"), id: "event" in life ? life.event : life.path }} pace="list">
        {(trace) => <Shown trace={trace} />}
      </QueryState>
    </div>
  );
}

function Shown({ trace }: { trace: FileTrace }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const choose = (version: number): void =>
    void navigate({ to: ".", search: { agent: trace.agent_id, path: trace.path, version } as never, replace: true, resetScroll: false });
  const neighbours: Neighbour[] = trace.agent_id
    ? [
        { key: "file", label: t("dlq.to.file"), to: "/files" as never, search: { agent: trace.agent_id, path: trace.path } as never },
        { key: "events", label: t("trace.to.events"), to: "/events/files" as never, search: { agent: [trace.agent_id], below: [trace.path] } as never },
        { key: "agent", label: trace.hostname || trace.agent_id, to: "/agents/$agentId" as never, params: { agentId: trace.agent_id } as never },
      ]
    : [];
  return (
    <section className="card trace" aria-label={t("trace.title")}>
      <header className="trace-head">
        <h2 className="mono">{trace.path || t("trace.unknown.file")}</h2>
        {trace.versions.length > 0 && (
          <label className="trace-version">
            <span className="dim">{t("trace.version")}</span>
            <select className="input" value={trace.version ?? ""} onChange={(event) => choose(Number(event.target.value))}>
              {trace.version === null && <option value="">{t("none")}</option>}
              {trace.versions.map(({ version }) => <option key={version} value={version}>{version}</option>)}
            </select>
          </label>
        )}
      </header>
      <Whole trace={trace} />
      {neighbours.length > 0 && <Related neighbours={neighbours} />}
      <Steps trace={trace} />
    </section>
  );
}

/** Whether anything is missing, and what. */
function Whole({ trace }: { trace: FileTrace }) {
  const { t } = useI18n();
  const { missing, complete, events_left_out: left } = trace;
  return (
    <p className="trace-whole">
      {complete && <Status tone="ok">{t("trace.complete")}</Status>}
      {missing.length > 0 && <Status tone="warn">{t("trace.missing", { count: missing.length })}</Status>}
      {missing.map(({ kind, id, why }) => (
        <span key={`${kind}${id}`} className="tag" title={t(`trace.why.${why}`)}>
          {kind === "history" ? <>{t("trace.missing.history")} <TimeText at={id} /></> : <span className="mono">{t(`trace.missing.${kind}`, { id })}</span>}
          {" · "}
          {t(`trace.why.${why}`)}
        </span>
      ))}
      {left > 0 && <span className="dim">{t("trace.left", { count: left })}</span>}
    </p>
  );
}
