import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type EventItem, useEvent } from "../../api/events";
import { useI18n } from "../../i18n/context";
import { formatFull } from "../../i18n/format";
import { Copy } from "../../ui/Copy";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Mono } from "../../ui/Mono";
import { QueryState } from "../../ui/QueryState";
import { type Neighbour, Related } from "../../ui/Related";
import { Status } from "../../ui/Status";
import { AlertWhy } from "./AlertWhy";
import { dataOf, SEVERITY_TONE, sayEvent, sourceText, text, typeText } from "./say";

const AROUND_MS = 15 * 60_000;

/** One event: what it says, its attributes, its data, and where its things go on. */
export function EventDrawer({ rowId, close }: { rowId: string; close: () => void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const event = useEvent(rowId);
  const found = event.data;
  return (
    <DetailDrawer
      open
      close={close}
      title={found ? typeText(found.type, i18n) : t("events.one")}
      tools={found && <Status tone={SEVERITY_TONE[found.severity]}>{t(`severity.${found.severity}`)}</Status>}
    >
      <QueryState query={event} rows={8} object={{ what: t("events.one"), id: rowId }}>
        {(data) => <Event event={data} />}
      </QueryState>
    </DetailDrawer>
  );
}

function Event({ event }: { event: EventItem }) {
  const i18n = useI18n();
  const { t } = i18n;
  const said = sayEvent(event, i18n);
  const data = event.data === null || event.data === undefined ? "" : typeof event.data === "string" ? event.data : JSON.stringify(event.data, null, 2);
  return (
    <div className="event">
      {said && <p className="event-said">{said}</p>}
      <Related neighbours={neighboursOf(event, i18n)} />
      <dl className="facts">
        <Instant name={t("events.time")} at={event.time} />
        <Instant name={t("events.received")} at={event.received_at} />
        <Fact name={t("events.type")}>
          <Mono text={event.type} />
        </Fact>
        <Fact name={t("events.source")}>
          {sourceText(event.source, i18n, event.hostname)} <span className="mono dim">{event.source}</span>
        </Fact>
        {event.subject !== null && (
          <Fact name={t("events.subject")}>
            <Mono text={event.subject} />
          </Fact>
        )}
        {event.agent_id !== null && (
          <Fact name={t("events.agent")}>
            {event.hostname} <span className="mono dim">{event.agent_id}</span>
          </Fact>
        )}
        <Labels labels={event.labels} />
        <Fact name="id">
          <Mono text={event.id} />
        </Fact>
      </dl>
      <AlertWhy rowId={event.row_id} />
      <section className="event-data">
        <h3>
          {t("events.data")}
          <Copy text={JSON.stringify(event, null, 2)} what={t("events.data.copy")} />
        </h3>
        {data === "" ? (
          <p className="dim">{t("events.data.none")}</p>
        ) : (
          <pre className="code" tabIndex={0} aria-label={t("events.data")}>
            {data}
          </pre>
        )}
      </section>
    </div>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Local time with its offset, and UTC. */
export function Instant({ name, at }: { name: string; at: string }) {
  const [local = "", utc = ""] = formatFull(at).split("\n");
  return (
    <Fact name={name}>
      {local} <span className="dim utc">{utc}</span>
    </Fact>
  );
}

/** Labels as chips; each narrows the list. */
export function Labels({ labels }: { labels: Readonly<Record<string, string>> }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const all = Object.entries(labels);
  if (!all.length) return null;
  return (
    <Fact name={t("events.labels")}>
      <span className="chips">
        {all.map(([name, value]) => {
          const label = value ? `${name}=${value}` : name;
          return (
            <button key={name} type="button" className="chip" onClick={() => void navigate({ to: ".", search: ((old: object) => ({ ...old, labels: [label] })) as never })}>
              {label}
            </button>
          );
        })}
      </span>
    </Fact>
  );
}

/** Where the things of an event go on. */
function neighboursOf(event: EventItem, { t }: ReturnType<typeof useI18n>): Neighbour[] {
  const { agent_id: agent, type, source, subject, time } = event;
  const path = dataOf(event)["path"];
  const rollout = type.startsWith("gwf.rollout.") ? subject : dataOf(event)["rollout"];
  const found: Neighbour[] = [];
  const add = (key: string, label: string, to: string, search?: object): void => void found.push({ key, label, to: to as never, ...(search ? { search: search as never } : {}) });
  const alert = text(dataOf(event)["alert_id"]);
  if (alert) add("alert", t("events.to.alert"), `/alerts/${alert}`);
  add("decision", t("events.to.decision"), `/rules/decisions/event/${event.row_id}`);
  if (typeof rollout === "string" && rollout) add("rollout", t("events.to.rollout"), `/rollouts/${rollout}`);
  if (agent) add("agent", t("events.to.agent"), `/agents/${agent}`);
  if (agent && typeof path === "string") add("file", t("events.to.file"), "/files", { agent, path });
  if (agent) add("same-agent", t("events.to.same.agent"), "/events", { agent: [agent] });
  if (agent) add("files", t("events.to.files"), "/events/files", { agent: [agent] });
  add("same-type", t("events.to.same.type"), "/events", { type: [type] });
  if (!agent && source !== "/gwf/centre") add("same-source", t("events.to.same.source"), "/events", { source: [source] });
  add("around", t("events.to.around"), "/events", aroundOf(time));
  return found;
}

export const aroundOf = (time: string): { from: string; to: string } => {
  const at = Date.parse(time);
  const word = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return { from: word(at - AROUND_MS), to: word(at + AROUND_MS) };
};

