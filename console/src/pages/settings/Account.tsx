import { type FormEvent, useState } from "react";
import { changePassword, endOtherSessions, endSession, type Session, useSessions } from "../../api/settings";
import { useMe } from "../../api/account";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { QueryState } from "../../ui/QueryState";
import { Status } from "../../ui/Status";
import { useErrorText } from "../../ui/StateBlock";
import { Toast } from "../../ui/toast";
import { TimeText } from "../../ui/TimeText";

/** One's own password and the places where one is logged in. */
export function Account() {
  const { t } = useI18n();
  const { data: me } = useMe();
  const sessions = useSessions(me?.kind === "user");
  if (me && me.kind !== "user") return <p className="settings-pane dim">{t("account.nobody")}</p>;
  return (
    <div className="settings-pane two">
      <section>
        <h2>{t("account.password")}</h2>
        <Password />
      </section>
      <section>
        <h2>{t("account.sessions")}</h2>
        <QueryState query={sessions} rows={4}>
          {(found) => (
            <>
              {found.length > 1 && <EndOthers />}
              <ul className="lines">
              {found.map((session) => (
                <One key={session.id} session={session} />
              ))}
              </ul>
            </>
          )}
        </QueryState>
      </section>
    </div>
  );
}

function EndOthers() {
  const { t } = useI18n();
  const end = (): void => {
    endOtherSessions().then(async () => {
      await queryClient.invalidateQueries({ queryKey: ["account"] });
      Toast.done(t("account.others.done"));
    }, Toast.failed);
  };
  return (
    <button type="button" className="button small" onClick={end}>
      {t("account.others")}
    </button>
  );
}

function One({ session }: { session: Session }) {
  const { t } = useI18n();
  const end = (): void => {
    endSession(session.id).then(async () => {
      await queryClient.invalidateQueries({ queryKey: ["account"] });
      Toast.done(t("account.ended"));
    }, Toast.failed);
  };
  return (
    <li>
      <div className="line-head">
        <span className="el" title={session.user_agent}>
          {browserOf(session.user_agent) || t("none")} <span className="mono dim">{session.address}</span>
        </span>
        {session.current ? (
          <Status tone="ok">{t("account.current")}</Status>
        ) : (
          <button type="button" className="button small" onClick={end}>
            {t("account.end")}
          </button>
        )}
      </div>
      <p className="dim small">
        {t("account.seen")} <TimeText at={session.seen_at} relative />
      </p>
    </li>
  );
}

/** The part of a user agent that people recognise. */
const browserOf = (agent: string): string =>
  /(Edg|Firefox|Chrome|Safari|curl)\/[\d.]+/.exec(agent)?.[0].replace("Edg", "Edge").replace(/(\/\d+)\..*/, "$1").replace("/", " ") ?? agent.slice(0, 40);

function Password() {
  const { t } = useI18n();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [error, setError] = useState<unknown>(null);
  const why = useErrorText(error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setError(null);
    changePassword({ old, new: fresh }).then(() => {
      setOld("");
      setFresh("");
      Toast.done(t("account.password.done"));
    }, setError);
  };
  return (
    <form className="form-grid" onSubmit={submit}>
      <label className="form-field">
        <span>{t("account.password.old")}</span>
        <input className="input" type="password" autoComplete="current-password" maxLength={256} value={old} onChange={(event) => setOld(event.target.value)} />
      </label>
      <label className="form-field">
        <span>{t("user.password.new")}</span>
        <input className="input" type="password" autoComplete="new-password" maxLength={256} value={fresh} onChange={(event) => setFresh(event.target.value)} />
      </label>
      {error !== null && (
        <p className="field-error" role="alert">
          {why}
        </p>
      )}
      <button type="submit" className="button primary" disabled={!old || !fresh}>
        {t("account.password.act")}
      </button>
      <p className="dim small">{t("account.password.sub")}</p>
    </form>
  );
}
