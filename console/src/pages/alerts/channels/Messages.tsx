import { useCallback, useMemo } from "react";
import { WRITE } from "../../../api/alerts";
import { CHANNELS_KEY, fetchMessages, type Message, type MessageWish, retryMessage, useMessage, useRenewChannels } from "../../../api/channels";
import { useListState } from "../../../app/listSearch";
import { type I18n, useI18n } from "../../../i18n/context";
import { orderOf } from "../../../ui/action/order";
import { DetailDrawer } from "../../../ui/DetailDrawer";
import type { Filter } from "../../../ui/filter/types";
import { Mono } from "../../../ui/Mono";
import { QueryState } from "../../../ui/QueryState";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { DataTable } from "../../../ui/table/DataTable";
import type { Column } from "../../../ui/table/types";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { MESSAGE_FILTERS, MESSAGE_STATES } from "../routes";
import { MESSAGE_TONE, SEVERITY_TONE } from "../words";

const keyOf = (message: Message): string => message.message_id;

/** What was sent, the newest first, and whether it arrived. */
export function Messages({ channels }: { channels: readonly string[] }) {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(MESSAGE_FILTERS);
  const wish = useMemo(() => ({ state: [...state.values("state")], channel: [...state.values("channel")] }) as MessageWish, [state.id]);
  const fetch = useCallback(async (cursor: string | null, signal: AbortSignal) => {
    const page = await fetchMessages(wish, cursor, signal);
    return { items: page.items, next: page.next_cursor };
  }, [wish]);
  const list = useList({ queryKey: [CHANNELS_KEY, "messages", wish], fetch, keyOf });
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const filters = useMemo((): Filter[] => [
    { key: "state", label: t("message.state"), values: MESSAGE_STATES.map((value) => ({ value, label: t(`alert.message.${value}`), tone: MESSAGE_TONE[value] ?? "mute" })) },
    { key: "channel", label: t("message.channel"), values: channels.map((value) => ({ value })) },
  ], [t, channels]);
  return (
    <section className="card" aria-label={t("message.title")}>
      <header><h2>{t("message.title")}</h2></header>
      <DataTable<Message>
        name="messages"
        label={t("message.title")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ title }) => title}
        opens="drawer"
        filters={filters}
        empty={<Empty title={t("message.empty")}>{t("message.empty.sub")}</Empty>}
      />
      {state.sel !== undefined && (
        <DetailDrawer open close={() => state.set({ sel: undefined }, { replace: true })} title={t("message.one")}>
          <Text id={state.sel} key={state.sel} />
        </DetailDrawer>
      )}
    </section>
  );
}

function columnsOf({ t }: I18n): Column<Message>[] {
  return [
    { key: "time", title: t("message.at"), width: 118, phone: "aside", render: ({ created_at: at }) => <TimeText at={at} />, text: ({ created_at: at }) => at },
    { key: "state", title: t("message.state"), width: 100, phone: "line", render: ({ state }) => <Status tone={MESSAGE_TONE[state] ?? "mute"}>{t(`alert.message.${state}`)}</Status>, text: ({ state }) => state },
    {
      key: "title", title: t("message.what"), primary: true, phone: "title", text: ({ title }) => title,
      render: ({ title, notices }) => (
        <span className="rule-name">
          <span className="el" title={title}>{title}</span>
          {notices > 1 && <span className="tag run">{t("message.digest", { count: notices })}</span>}
          {notices === 0 && <span className="tag">{t("message.test")}</span>}
        </span>
      ),
    },
    { key: "severity", title: t("alerts.severity"), width: 88, hideBelow: 1100, phone: "none", render: ({ severity }) => <Status tone={SEVERITY_TONE[severity]}>{t(`severity.${severity}`)}</Status>, text: ({ severity }) => severity },
    { key: "channel", title: t("message.channel"), width: 150, phone: "line", render: ({ channel }) => <span className="el">{channel}</span>, text: ({ channel }) => channel },
    { key: "attempts", title: t("message.tries"), width: 64, align: "end", hideBelow: 900, phone: "none", render: ({ attempts }) => attempts, text: ({ attempts }) => attempts },
    { key: "error", title: t("message.error"), width: "20%", hideBelow: 900, phone: "none", render: ({ error }) => <span className="el dim mono" title={error}>{error || t("none")}</span>, text: ({ error }) => error },
  ];
}

/** A message as it was sent, and what the channel said. */
function Text({ id }: { id: string }) {
  const { t } = useI18n();
  const query = useMessage(id);
  return (
    <QueryState query={query} rows={6} object={{ what: t("message.one"), id }} pace="detail">
      {(message) => (
        <div className="message-one">
          <p className="row wrap">
            <Status tone={MESSAGE_TONE[message.state] ?? "mute"}>{t(`alert.message.${message.state}`)}</Status>
            {message.urgent && <span className="tag crit">{t("message.urgent")}</span>}
            {message.state === "failed" && <Again id={message.message_id} />}
            {message.unsure && <Status tone="warn">{t("message.unsure")}</Status>}
          </p>
          <h3>{message.title}</h3>
          <pre className="code" tabIndex={0} aria-label={t("message.one")}>{message.text}</pre>
          {message.error !== "" && <p className="channel-error"><span className="mono">{message.error}</span></p>}
          <dl className="facts">
            <div><dt>{t("message.channel")}</dt><dd>{message.channel}</dd></div>
            <div><dt>{t("message.at")}</dt><dd><TimeText at={message.created_at} /></dd></div>
            <div><dt>{t("message.sent")}</dt><dd>{message.sent_at ? <TimeText at={message.sent_at} /> : t("none")}</dd></div>
            <div><dt>{t("message.tries")}</dt><dd>{message.attempts}</dd></div>
            {message.receipt !== "" && <div><dt>{t("message.receipt")}</dt><dd><Mono text={message.receipt} /></dd></div>}
            {[...message.mobiles, ...message.emails].length > 0 && <div><dt>{t("message.people")}</dt><dd>{[...message.mobiles, ...message.emails].join(t("alert.join"))}</dd></div>}
            <div><dt>{t("alerts.id")}</dt><dd><Mono text={message.message_id} most={32} /></dd></div>
          </dl>
        </div>
      )}
    </QueryState>
  );
}

/** One that failed for good is sent once more. */
function Again({ id }: { id: string }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const renew = useRenewChannels();
  const send = async (): Promise<void> => {
    try {
      await retryMessage(id, orderOf(""));
      Toast.done(t("message.again.done"));
    } catch (error) {
      Toast.failed(error);
    } finally {
      renew();
    }
  };
  return <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => void send()}>{t("message.again")}</button>;
}
