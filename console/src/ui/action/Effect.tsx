import { Link } from "@tanstack/react-router";
import type { RequestError } from "../../api/client";
import { actionWords } from "../../i18n/actions";
import { useI18n } from "../../i18n/context";
import { FieldDiff } from "../diff/FieldDiff";
import { changeOf } from "../diff/values";
import { ErrorBlock, Loading, useErrorText } from "../StateBlock";
import { Status, type Tone } from "../Status";
import { TimeText } from "../TimeText";
import type { Preview } from "./types";
import "../../styles/diff.css";

const RISK_TONE: Record<NonNullable<Preview["risk"]>, Tone> = { low: "ok", medium: "warn", high: "crit" };

/** Fields of one change that a refusal tells. */
const MOST_FIELDS = 6;

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
              <summary>{t("action.affected.more", { count: affected.count - LISTED })}</summary>
              <p className="mono effect-names">{affected.names.slice(LISTED).join(" · ")}</p>
              {affected.names.length < affected.count && <p className="dim">{t("action.affected.unlisted", { count: affected.count - affected.names.length })}</p>}
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
  const { t, language } = useI18n();
  const text = useErrorText(error);
  const { meanwhile, params } = error;
  const rollout = params["rollout"];
  return (
    <div className="notice warn conflict" role="alert">
      <Status tone="warn">{t("action.conflict")}</Status>
      <p>{text}</p>
      {rollout !== undefined && (
        <Link to={"/rollouts/$rollout" as string} params={{ rollout } as never}>
          {t("action.conflict.rollout")}
        </Link>
      )}
      {meanwhile.length > 0 && (
        <ul className="meanwhile" aria-label={t("action.conflict.meanwhile")}>
          {meanwhile.map(({ at, action, actor, changes }) => (
            <li key={`${at} ${action}`}>
              <p>
                <TimeText at={at} /> {actor && <strong>{actor}</strong>} {actionWords[language][action] ?? action}
              </p>
              {changes.length > 0 && <FieldDiff changes={changes.slice(0, MOST_FIELDS).map((change) => changeOf(String(change["path"]), change))} />}
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
