import { useState } from "react";
import { WRITE } from "../../../api/alerts";
import { type Channel, checkChannel, testChannel, useChannels, useRenewChannels } from "../../../api/channels";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Empty, useErrorText } from "../../../ui/StateBlock";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import { AlertParts } from "../AlertParts";
import "../../../styles/rules.css";
import { Messages } from "./Messages";
import { Templates } from "./Templates";

const STATE_TONE: Readonly<Record<Channel["state"], Tone>> = { ok: "ok", untried: "mute", failing: "crit", waiting: "warn" };

/** Ways to people: does each work, how much may it still send, what did it send. */
export function ChannelsPage() {
  const { t } = useI18n();
  const query = useChannels();
  return (
    <AlertParts title={t("alerts.part.channels")}>
      <Card title={t("channel.title")} sub={query.data && query.data.items.length > 0 && <Say channels={query.data.items} />}>
        <QueryState query={query} rows={4} pace="detail">
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon="inbox" title={t("channel.empty")}>
                <p>{t("channel.empty.sub")}</p>
                <pre className="code channel-example">{EXAMPLE}</pre>
              </Empty>
            ) : (
              <ul className="channel-list">{items.map((channel) => <One key={channel.name} channel={channel} />)}</ul>
            )
          }
        </QueryState>
      </Card>
      <Messages channels={(query.data?.items ?? []).map(({ name }) => name)} />
      <Templates channels={(query.data?.items ?? []).map(({ name }) => name)} />
    </AlertParts>
  );
}

const EXAMPLE = "server:\n  channels:\n    ops-dingtalk:\n      kind: dingtalk\n      url: ${env:DINGTALK_URL}\n      secret: ${env:DINGTALK_SECRET}";

function Say({ channels }: { channels: readonly Channel[] }) {
  const { t } = useI18n();
  const failing = channels.filter(({ state }) => state === "failing").map(({ name }) => name);
  if (failing.length === 0) return t("channel.say.ok", { count: channels.length });
  return <Status tone="crit">{t("channel.say.failing", { names: failing.join(t("alert.join")) })}</Status>;
}

function One({ channel }: { channel: Channel }) {
  const { t } = useI18n();
  const waiting = channel.waiting_urgent + channel.waiting_rest;
  return (
    <li className={channel.state === "failing" ? "bad" : ""}>
      <div className="channel-head">
        <Status tone={STATE_TONE[channel.state]}>{t(`channel.state.${channel.state}`)}</Status>
        <strong>{channel.name}</strong>
        <span className="tag">{t(`channel.kind.${channel.kind}`)}</span>
        {channel.quiet?.until && <span className="tag hold">{t("channel.quiet.now")}</span>}
        <Acts channel={channel} />
      </div>
      <dl className="channel-facts">
        <div>
          <dt>{t("channel.budget")}</dt>
          <dd><Budget channel={channel} /></dd>
        </div>
        <div>
          <dt>{t("channel.waiting")}</dt>
          <dd>
            {waiting + channel.waiting_quiet === 0 ? <span className="dim">{t("channel.waiting.none")}</span> : <strong>{waiting}</strong>}
            {channel.waiting_urgent > 0 && <span className="tag crit">{t("channel.waiting.urgent", { count: channel.waiting_urgent })}</span>}
            {channel.waiting_quiet > 0 && <span className="dim">{t("channel.waiting.quiet", { count: channel.waiting_quiet })}</span>}
            {channel.oldest_waiting_at && <span className="dim">{t("channel.oldest")} <TimeText at={channel.oldest_waiting_at} relative /></span>}
          </dd>
        </div>
        <div>
          <dt>{t("channel.day")}</dt>
          <dd>
            <strong>{channel.sent_day}</strong>
            {channel.failed_day > 0 && <Status tone="crit">{t("channel.failed", { count: channel.failed_day })}</Status>}
          </dd>
        </div>
        <div>
          <dt>{t("channel.last")}</dt>
          <dd>{channel.last_ok_at ? <TimeText at={channel.last_ok_at} relative /> : <span className="dim">{t("channel.last.none")}</span>}</dd>
        </div>
        <div>
          <dt>{t("channel.fallback")}</dt>
          <dd>{channel.fallback ? t("channel.fallback.to", { name: channel.fallback, time: formatDuration(channel.fallback_after_s, t) }) : <span className="dim">{t("channel.fallback.none")}</span>}</dd>
        </div>
        <div>
          <dt>{t("channel.quiet")}</dt>
          <dd>{channel.quiet ? t("channel.quiet.say", { begin: channel.quiet.begin, end: channel.quiet.end, severity: t(`severity.${channel.quiet.below}`) }) : <span className="dim">{t("channel.quiet.none")}</span>}</dd>
        </div>
      </dl>
      {channel.error !== "" && (
        <p className="channel-error">
          {channel.down_since && <span>{t("channel.down")} <TimeText at={channel.down_since} relative /> · {t("channel.failures", { count: channel.failures })}</span>}
          <span className="mono">{channel.error}</span>
          {channel.blocked_until && <span>{t("channel.blocked")} <TimeText at={channel.blocked_until} /></span>}
        </p>
      )}
    </li>
  );
}

/** How much of a minute's messages is left. */
function Budget({ channel: { left, per_minute: most } }: { channel: Channel }) {
  const { t } = useI18n();
  const tone = left === 0 ? "crit" : left <= most / 4 ? "warn" : "ok";
  return (
    <span className="channel-budget">
      <span className={`meter ${tone}`} aria-hidden="true"><i style={{ width: `${(left / Math.max(1, most)) * 100}%` }} /></span>
      <span>{t("channel.budget.left", { left, most })}</span>
    </span>
  );
}

function Acts({ channel: { name } }: { channel: Channel }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const renew = useRenewChannels();
  const [testing, setTesting] = useState(false);
  const [text, setText] = useState("");
  const [look, setLook] = useState<{ busy: boolean; problem: string | null; error: unknown }>({ busy: false, problem: null, error: null });
  const failure = useErrorText(look.error);
  const check = async (): Promise<void> => {
    setLook({ busy: true, problem: null, error: null });
    try {
      const { problem } = await checkChannel(name);
      setLook({ busy: false, problem, error: null });
    } catch (error) {
      setLook({ busy: false, problem: null, error });
    }
  };
  return (
    <span className="row chain-acts">
      <span role="status">
        {look.problem === "" && <Status tone="ok">{t("channel.check.ok")}</Status>}
        {look.problem && <Status tone="crit">{look.problem}</Status>}
        {look.error !== null && <span className="field-error">{failure}</span>}
      </span>
      <button type="button" className="button small" disabled={why !== undefined || look.busy} title={why} aria-busy={look.busy} onClick={() => void check()}>{t("channel.check")}</button>
      <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setTesting(true)}>{t("channel.test")}</button>
      {testing && (
        <ActionDialog
          title={t("channel.test.title", { name })}
          act={t("channel.test")}
          close={() => setTesting(false)}
          reason="optional"
          run={async (order) => {
            const sent = await testChannel(name, text.trim(), order);
            renew();
            return sent;
          }}
          done={() => t("channel.test.done", { name })}
        >
          <p>{t("channel.test.text")}</p>
          <div className="form-row">
            <label>
              <span>{t("channel.test.say")}</span>
              <input className="input" value={text} maxLength={500} placeholder={t("channel.test.hint")} onChange={(event) => setText(event.target.value)} />
            </label>
          </div>
        </ActionDialog>
      )}
    </span>
  );
}
