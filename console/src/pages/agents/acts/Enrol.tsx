import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { type Enrolment, endEnrolment, makeEnrolment, useGroupList, useNewAgents, useRenew } from "../../../api/agents";
import { baseUrl, RequestError } from "../../../api/client";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { orderOf } from "../../../ui/action/order";
import { Copy } from "../../../ui/Copy";
import { Dialog } from "../../../ui/Dialog";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Toast } from "../../../ui/toast";
import { enrolCommand, isPlain } from "./command";
import { labelsOf } from "./labels";

const HOUR_S = 3600;
const LIVES = [HOUR_S, 24 * HOUR_S, 7 * 24 * HOUR_S] as const;
const USES = [1, 20, 500] as const;

/** Bring a host in: one command, good for a while, and a word as soon as it has called. */
export function Enrol({ close, group = "" }: { close: () => void; group?: string }) {
  const { t } = useI18n();
  const [made, setMade] = useState<{ enrolment: Enrolment; directory: string } | null>(null);
  return (
    <Dialog title={t("agents.enrol")} close={close} width={680} lightly={made === null}>
      {made ? <Waiting {...made} close={close} /> : <Wish group={group} made={setMade} />}
    </Dialog>
  );
}

function Wish({ group: first, made }: { group: string; made: (made: { enrolment: Enrolment; directory: string }) => void }) {
  const { t } = useI18n();
  const groups = useGroupList().data?.items ?? [];
  const [group, setGroup] = useState(first);
  const [directory, setDirectory] = useState("/var/log/app");
  const [text, setText] = useState("");
  const [uses, setUses] = useState<number>(USES[0]);
  const [life, setLife] = useState<number>(LIVES[0]);
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const labels = labelsOf(text, []);
  const order = useRef(orderOf(""));
  const submit = async (): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      const wish = {
        name: t("agents.enrol.name"),
        labels: (labels ?? {}) as Record<string, string>,
        group_id: group || null,
        max_uses: uses,
        expires_in_s: life,
      };
      made({ enrolment: await makeEnrolment(wish, order.current), directory });
    } catch (error) {
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) order.current = orderOf("");
      setState({ busy: false, error });
    }
  };
  return (
    <form
      className="action-body"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <p className="dim">{t("agents.enrol.sub")}</p>
      <div className="form-row">
        <label>
          <span>{t("agents.enrol.directory")}</span>
          <input className="input mono" required value={directory} spellCheck={false} onChange={(event) => setDirectory(event.target.value)} />
        </label>
      </div>
      <div className="form-cols">
        <label>
          <span>{t("agents.move.to")}</span>
          <select className="input" value={group} onChange={(event) => setGroup(event.target.value)}>
            <option value="">{t("agents.enrol.nogroup")}</option>
            {groups.map(({ group_id, name }) => (
              <option key={group_id} value={group_id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t("agents.enrol.uses")}</span>
          <select className="input" value={uses} onChange={(event) => setUses(Number(event.target.value))}>
            {USES.map((count) => (
              <option key={count} value={count}>
                {t("agents.enrol.hosts", { count })}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{t("agents.enrol.life")}</span>
          <select className="input" value={life} onChange={(event) => setLife(Number(event.target.value))}>
            {LIVES.map((seconds) => (
              <option key={seconds} value={seconds}>
                {t("agents.enrol.hours", { count: seconds / HOUR_S })}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="form-row">
        <label>
          <span>{t("agents.enrol.labels")}</span>
          <input className="input mono" value={text} aria-invalid={labels === null} placeholder={t("agents.labels.hint")} spellCheck={false} onChange={(event) => setText(event.target.value)} />
        </label>
        {labels === null && <p className="field-error">{t("agents.labels.wrong")}</p>}
      </div>
      {state.error !== null && <ErrorBlock error={state.error} retry={() => void submit()} />}
      <div className="action-foot">
        <button type="submit" className="button primary" disabled={state.busy || labels === null || !directory.trim()} aria-busy={state.busy}>
          {t("agents.enrol.make")}
        </button>
      </div>
    </form>
  );
}

function Waiting({ enrolment, directory, close }: { enrolment: Enrolment; directory: string; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenew();
  const url = baseUrl.href.replace(/\/$/, "");
  const command = enrolCommand({ url, token: enrolment.secret, directory });
  const since = enrolment.token.created_at;
  const arrived = (useNewAgents(true).data?.items ?? []).filter(({ registered_at }) => registered_at >= since);
  const now = useServerNow(1_000);
  const left = enrolment.token.expires_at ? (Date.parse(enrolment.token.expires_at) - now) / 1000 : 0;
  useEffect(() => renew(), [arrived.length]);
  const end = async (): Promise<void> => {
    try {
      await endEnrolment(enrolment.token.id, orderOf(""));
      Toast.done(t("agents.enrol.ended"));
      close();
    } catch (error) {
      Toast.failed(error);
    }
  };
  return (
    <div className="action-body">
      <p>{t("agents.enrol.run")}</p>
      <div className="command">
        <code className="code">{command}</code>
        <Copy text={command} what={t("agents.enrol.command")} />
      </div>
      <p className="dim small">
        {left > 0 ? t("agents.enrol.left", { time: formatDuration(left, t), count: enrolment.token.max_uses ?? 0 }) : t("agents.enrol.over")}
        {isPlain(url) && ` ${t("agents.enrol.plain")}`}
      </p>
      <ul className="arrivals" role="status">
        {arrived.map((agent) => (
          <li key={agent.agent_id}>
            <Status tone="ok">{t("agents.enrol.connected")}</Status>
            <Link to="/agents/$agentId" params={{ agentId: agent.agent_id }} className="mono strong" onClick={close}>
              {agent.hostname}
            </Link>
            <span className="dim">{agent.version}</span>
          </li>
        ))}
        {arrived.length < (enrolment.token.max_uses ?? 1) && left > 0 && (
          <li>
            <Status tone="run">{t("agents.enrol.waiting")}</Status>
          </li>
        )}
      </ul>
      <div className="action-foot">
        <button type="button" className="button" onClick={() => void end()}>
          {t("agents.enrol.end")}
        </button>
        <button type="button" className="button primary" onClick={close}>
          {t("dialog.close")}
        </button>
      </div>
    </div>
  );
}
