import { type FormEvent, useEffect, useRef, useState } from "react";
import { login, type Me } from "../../api/account";
import { RequestError } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { useErrorText } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";

interface Props {
  /** Known already, when a session ended. */
  name?: string;
  done: (me: Me) => void;
}

/** Name and password; the same words for a wrong name and a wrong password. */
export function LoginForm({ name: known = "", done }: Props) {
  const { t } = useI18n();
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    first.current?.focus();
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    login({ name: name.trim(), password, tenant: "default" }).then(done, (failure: unknown) => {
      setError(failure);
      setBusy(false);
      setPassword("");
      first.current?.focus();
    });
  };
  return (
    <form className="login-form" onSubmit={submit}>
      <label>
        <span>{t("login.name")}</span>
        <input
          className="input"
          ref={known ? undefined : first}
          type="text"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label>
        <span>{t("login.password")}</span>
        <input
          className="input"
          ref={known ? first : undefined}
          type="password"
          name="password"
          autoComplete="current-password"
          required
          maxLength={256}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {error !== null && <Failure error={error} />}
      <button type="submit" className="button primary wide" disabled={busy || !name.trim() || !password} aria-busy={busy}>
        {t(busy ? "login.busy" : "login.act")}
      </button>
    </form>
  );
}

function Failure({ error }: { error: unknown }) {
  const { t } = useI18n();
  const text = useErrorText(error);
  const wrong = error instanceof RequestError && error.status === 401;
  const wait = error instanceof RequestError ? error.retryAfter : null;
  return (
    <p role="alert" className="login-error">
      <Status tone="crit">{wrong ? t("login.wrong") : text}</Status>
      {wait !== null && <span className="dim">{t("login.wait", { s: Math.ceil(wait) })}</span>}
    </p>
  );
}
