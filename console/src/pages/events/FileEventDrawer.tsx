import { useNavigate } from "@tanstack/react-router";
import { type FileEvent, useFileEvent, usePathLife } from "../../api/events";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatDuration } from "../../i18n/format";
import { reasonText, wordOf } from "../../i18n/translate";
import { Copy } from "../../ui/Copy";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Mono } from "../../ui/Mono";
import { QueryState } from "../../ui/QueryState";
import { type Neighbour, Related } from "../../ui/Related";
import { Status } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { AlertWhy } from "./AlertWhy";
import { aroundOf, Fact, Instant, Labels } from "./EventDrawer";
import { FILE_TONE } from "./fileColumns";

/** One thing that happened to a file: why, with which numbers, and what else happened to it. */
export function FileEventDrawer({ rowId, close }: { rowId: string; close: () => void }) {
  const { t } = useI18n();
  const event = useFileEvent(rowId);
  const found = event.data;
  return (
    <DetailDrawer
      open
      close={close}
      title={<span className="mono el">{found ? found.path.slice(found.path.lastIndexOf("/") + 1) : t("events.one.file")}</span>}
      tools={found && <Status tone={FILE_TONE[found.status]}>{t(`work.${found.status}`)}</Status>}
    >
      <QueryState query={event} rows={8} object={{ what: t("events.one.file"), id: rowId }}>
        {(data) => <Body event={data} />}
      </QueryState>
    </DetailDrawer>
  );
}

function Body({ event }: { event: FileEvent }) {
  const { t, language } = useI18n();
  const { path, agent_id: agent, hostname } = event;
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  const why = event.error_class ? wordOf(language, "class", event.error_class) : event.reason ? reasonText(language, { code: event.reason, params: {}, message: event.reason }) : "";
  const to = (key: string, label: string, page: string, search: object): Neighbour => ({ key, label, to: page as never, search: search as never });
  return (
    <div className="event">
      {why && <p className="event-said">{why}</p>}
      <Related
        neighbours={[
          { key: "decision", label: t("events.to.decision"), to: `/rules/decisions/file/${event.row_id}` as never },
          to("file", t("events.to.file"), "/files", { agent, path }),
          to("trace", t("dlq.to.trace"), "/files/trace", { agent, path, version: event.version }),
          to("dir", t("events.to.dir"), "/files", { agent, path: directory }),
          { key: "agent", label: t("events.to.agent"), to: `/agents/${agent}` as never },
          to("same", t("events.to.files"), "/events/files", { agent: [agent] }),
          to("around", t("events.to.around"), "/events", aroundOf(event.time)),
        ]}
      />
      <dl className="facts">
        <Fact name={t("work.path")}>
          <Mono text={path} />
        </Fact>
        <Fact name={t("events.agent")}>
          {hostname} <span className="mono dim">{agent}</span>
        </Fact>
        <Instant name={t("events.time")} at={event.time} />
        <Instant name={t("events.received")} at={event.received_at} />
        <Fact name={t("events.version")}>{event.version}</Fact>
        {event.size_bytes !== null && <Fact name={t("work.size")}>{formatBytes(event.size_bytes)}</Fact>}
        {event.store && <Fact name={t("work.store")}>{event.store}</Fact>}
        {event.key && (
          <Fact name={t("work.key")}>
            <Mono text={event.key} />
          </Fact>
        )}
        {event.attempt !== null && <Fact name={t("work.attempt")}>{event.attempt}</Fact>}
        {event.duration_ms !== null && <Fact name={t("work.duration")}>{formatDuration(event.duration_ms / 1000, t)}</Fact>}
        {event.sha256 && (
          <Fact name="SHA-256">
            <Mono text={event.sha256} most={28} />
          </Fact>
        )}
        {event.etag && (
          <Fact name="ETag">
            <Mono text={event.etag} />
          </Fact>
        )}
        <Labels labels={event.labels} />
      </dl>
      <AlertWhy rowId={event.row_id} isFile />
      {event.message && (
        <section className="event-data">
          <h3>
            {t("events.message")}
            <Copy text={event.message} what={t("events.message")} />
          </h3>
          <pre className="code" tabIndex={0} aria-label={t("events.message")}>
            {event.message}
          </pre>
        </section>
      )}
      <Life event={event} />
    </div>
  );
}

/** All that is kept of the same path, newest first. */
function Life({ event }: { event: FileEvent }) {
  const { t, language } = useI18n();
  const navigate = useNavigate();
  const life = usePathLife(event.row_id);
  const open = (rowId: string): void => void navigate({ to: ".", search: ((old: object) => ({ ...old, sel: rowId })) as never, replace: true, resetScroll: false });
  return (
    <section className="event-data">
      <h3>{t("events.life")}</h3>
      <QueryState query={life} rows={3}>
        {({ items, next_cursor: next }) => (
          <>
            <ol className="event-life">
              {items.map((one) => (
                <li key={one.row_id} aria-current={one.row_id === event.row_id ? "true" : undefined}>
                  <TimeText at={one.time} />
                  <Status tone={FILE_TONE[one.status]}>{t(`work.${one.status}`)}</Status>
                  <button type="button" className="linkish el" onClick={() => open(one.row_id)} title={one.message ?? ""}>
                    {[one.error_class ? wordOf(language, "class", one.error_class) : "", one.store ?? "", one.size_bytes === null ? "" : formatBytes(one.size_bytes)].filter(Boolean).join(" · ") || t("events.one.file")}
                  </button>
                </li>
              ))}
            </ol>
            {next && <p className="dim small">{t("events.life.more", { count: items.length })}</p>}
          </>
        )}
      </QueryState>
    </section>
  );
}
