import type { RequestError } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { ErrorBlock, Loading, useErrorText } from "../StateBlock";
import { Status, type Tone } from "../Status";
import { TimeText } from "../TimeText";
import type { Preview } from "./types";

const RISK_TONE: Record<NonNullable<Preview["risk"]>, Tone> = { low: "ok", medium: "warn", high: "crit" };

/** Names listed at once; the others are behind a click. */
const LISTED = 8;

interface Props {
  effect: { data: Preview | undefined; error: Error | null; refetch: () => unknown };
}

/** What the act would do: whom it concerns, the change itself, the risk and the way back. */
export function Effect({ effect: { data, error, refetch } }: Props) {
  const { t } = useI18n();
  if (error) return <ErrorBlock error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={4} />;
  const { affected, picture, risk, why = [], wayBack } = data;
  return (
    <section className="effect" aria-label={t("action.effect")}>
      {affected && (
        <div>
          <strong>{t("action.affected", { count: affected.count })}</strong>
          <p className="mono effect-names">{affected.names.slice(0, LISTED).join(" · ")}</p>
          {affected.names.length > LISTED && (
            <details>
              <summary>{t("action.affected.more", { count: affected.names.length - LISTED })}</summary>
              <p className="mono effect-names">{affected.names.slice(LISTED).join(" · ")}</p>
            </details>
          )}
        </div>
      )}
      {picture}
      {(risk !== undefined || wayBack !== "") && (
        <dl className="facts">
          {risk !== undefined && (
            <>
              <dt>{t("action.risk")}</dt>
              <dd>
                <Status tone={RISK_TONE[risk]}>{t(`action.risk.${risk}`)}</Status>
                {why.length > 0 && <span className="dim"> {why.join(t("filter.join"))}</span>}
              </dd>
            </>
          )}
          {wayBack !== "" && (
            <>
              <dt>{t("action.back")}</dt>
              <dd>{wayBack ?? <Status tone="crit">{t("action.back.none")}</Status>}</dd>
            </>
          )}
        </dl>
      )}
    </section>
  );
}

/** Somebody else was quicker: what the server says of it, and the way to look again. */
export function Conflict({ error, again }: { error: RequestError; again: () => void }) {
  const { t } = useI18n();
  const text = useErrorText(error);
  const told = Object.entries(error.params);
  const { meanwhile } = error;
  return (
    <div className="notice warn conflict" role="alert">
      <Status tone="warn">{t("action.conflict")}</Status>
      <p>{text}</p>
      {error.message && error.message !== text && <p className="dim small">{error.message}</p>}
      {told.length > 0 && (
        <dl className="facts">
          {told.map(([name, value]) => (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {meanwhile.length > 0 && (
        <ul>
          {meanwhile.map(({ at, action, actor }) => (
            <li key={`${at} ${action}`}>
              <TimeText at={at} /> <span className="mono">{action}</span> {actor}
            </li>
          ))}
        </ul>
      )}
      <button type="button" className="button small" onClick={again}>
        {t("action.conflict.again")}
      </button>
    </div>
  );
}
