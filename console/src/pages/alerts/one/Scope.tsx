import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type AlertDetail, type AlertEvidence, useAlertEvidence } from "../../../api/alerts";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Spark } from "../../../ui/Spark";
import { TimeText } from "../../../ui/TimeText";
import { typeText } from "../../events/say";

const SHOWN = 5;
const LABEL = "label:";

/** Whom it concerns: the hosts and sources of its events, and what else these have in common. */
export function Scope({ alert }: { alert: AlertDetail }) {
  const { t, language } = useI18n();
  const query = useAlertEvidence(alert.alert_id);
  const [all, setAll] = useState(false);
  const { data } = query;
  if (data && data.events === 0) return null;
  const more = (data?.sources.length ?? 0) > SHOWN;
  return (
    <Card
      title={t("alert.scope")}
      {...(data ? { sub: t("alert.scope.sub", { count: data.sources_total, times: formatCount(data.happenings, language) }) } : {})}
      {...(more ? { tools: <button type="button" className="linkish" onClick={() => setAll(!all)}>{t(all ? "alert.scope.less" : "alert.scope.all", { count: data?.sources.length ?? 0 })}</button> } : {})}
    >
      <QueryState query={query} rows={4} pace="list">
        {({ sources, spreads, happenings }) => (
          <>
            <Sources sources={all ? sources : sources.slice(0, SHOWN)} happenings={happenings} />
            <Spreads spreads={spreads} />
          </>
        )}
      </QueryState>
    </Card>
  );
}

function Sources({ sources, happenings }: Pick<AlertEvidence, "sources" | "happenings">) {
  const { t, language } = useI18n();
  return (
    <table className="alert-scope" aria-label={t("alert.scope")}>
      <thead>
        <tr>
          <th>{t("alert.scope.source")}</th>
          <th className="num">{t("alert.scope.times")}</th>
          <th className="num">{t("alert.scope.share")}</th>
          <th className="trend">{t("alert.scope.trend")}</th>
          <th>{t("alert.scope.last")}</th>
        </tr>
      </thead>
      <tbody>
        {sources.map(({ agent_id: id, name, count, last_at: last, bars }) => (
          <tr key={`${id} ${name}`}>
            <td className="mono el" title={name}>{id ? <Link to="/agents/$agentId" params={{ agentId: id }}>{name}</Link> : name}</td>
            <td className="num"><strong>{formatCount(count, language)}</strong></td>
            <td className="num dim">{`${Math.round((count / Math.max(1, happenings)) * 100)}%`}</td>
            <td className="trend"><Spark values={bars} color="var(--crit-f)" height={20} /></td>
            <td><TimeText at={last} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Spreads({ spreads }: Pick<AlertEvidence, "spreads">) {
  const i18n = useI18n();
  const { t, language } = i18n;
  if (spreads.length === 0) return null;
  return (
    <dl className="alert-spreads">
      {spreads.map(({ name, values, distinct }) => (
        <div key={name}>
          <dt className={name.startsWith(LABEL) ? "mono" : ""}>{name.startsWith(LABEL) ? name.slice(LABEL.length) : wordOf(language, "alert.of", name)}</dt>
          <dd>
            {values.map(({ value, count }) => (
              <span key={value} className="tag" title={value}>
                <span className="el">{valueText(name, value, i18n)}</span>
                <b>{formatCount(count, language)}</b>
              </span>
            ))}
            {distinct > values.length && <span className="dim">{t("alert.scope.more", { count: distinct - values.length })}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function valueText(name: string, value: string, i18n: I18n): string {
  if (name === "type") return typeText(value, i18n);
  if (name === "error_class") return wordOf(i18n.language, "class", value);
  return name === "status" ? wordOf(i18n.language, "work", value) : value;
}
