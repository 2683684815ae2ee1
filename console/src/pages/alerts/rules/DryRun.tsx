import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { DOCS_KEY, type DryRun as Run, dryRunRule } from "../../../api/alertdocs";
import type { Document } from "../../../api/configs";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { Icon } from "../../../ui/Icon";
import { Segments } from "../../../ui/Segments";
import { ErrorBlock, Loading } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useLater } from "../../../ui/useLater";
import { labelsOf, SEVERITY_TONE } from "../words";
import { Lanes } from "./Lanes";

const DAYS = ["1", "7", "30"] as const;
const QUIET_MS = 600;
const KINDS = ["firing", "resolved", "repeat", "escalation"] as const;

interface Props {
  id: string | undefined;
  document: Document;
  /** What stands there cannot be asked now. */
  blocked?: boolean;
  /** Keeps the event that opened an alert as a test case. */
  keep?: Keep;
}

type Keep = (alert: Run["items"][number]) => void;

/** What a rule would have opened and told over recorded events: nothing is written and nobody is told. */
export function DryRun({ id, document, blocked = false, keep }: Props) {
  const { t } = useI18n();
  const [days, setDays] = useState<(typeof DAYS)[number]>("1");
  const later = useLater(document, QUIET_MS);
  const query = useQuery({
    queryKey: [DOCS_KEY, "dry-run", id, days, later],
    queryFn: ({ signal }) => dryRunRule(later, Number(days), signal),
    enabled: !blocked && later === document, // what was written before the last change was not judged sound
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  useKeys([{ key: "r", label: "backtest.again", run: () => void query.refetch() }]);
  return (
    <div className="backtest" aria-busy={query.isFetching}>
      <div className="row wrap">
        <Segments label={t("backtest.days")} value={days} options={DAYS.map((value) => ({ value, label: t("backtest.days.last", { count: Number(value) }) }))} onChange={setDays} />
        <button type="button" className="button small" disabled={blocked} onClick={() => void query.refetch()}>{t("backtest.again")}</button>
        {query.isFetching ? <Status tone="run">{t("alertrule.run.busy")}</Status> : query.data && <Over run={query.data} />}
      </div>
      {blocked && <p className="dim">{t("backtest.blocked")}</p>}
      {query.error && <ErrorBlock error={query.error} retry={() => void query.refetch()} />}
      {query.data ? <Answer run={query.data} keep={keep} /> : query.isFetching && <Loading rows={5} />}
      <p className="dim small">{t("alertrule.run.readonly")}</p>
    </div>
  );
}

function Over({ run }: { run: Run }) {
  const { t } = useI18n();
  return <span className="dim">{t("backtest.over", { count: run.events, time: formatDuration(run.took_ms / 1000, t) })}</span>;
}

function Answer({ run, keep }: { run: Run; keep: Keep | undefined }) {
  const { t, language } = useI18n();
  const numbers = [["matched", run.matched], ["alerts", run.alerts], ["notices", run.notices]] as const;
  return (
    <>
      <dl className="compare">
        {numbers.map(([key, value]) => (
          <div key={key}>
            <dt>{t(`alertrule.run.${key}`)}</dt>
            <dd>
              <strong className="num">{formatCount(value, language)}</strong>
              {key === "alerts" && run.open > 0 && <span className="dim small">{t("alertrule.run.still", { count: run.open })}</span>}
              {key === "notices" && run.worst_hour > 1 && <span className="dim small">{t("alertrule.run.worst", { count: run.worst_hour })}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {run.tests > 0 && <p><Status tone={run.failed_tests.length ? "crit" : "ok"}>{t("tests.passed", { good: run.tests - run.failed_tests.length, all: run.tests })}</Status> <span className="dim">{t("tests.gate")}</span></p>}
      {run.events === 0 && <p className="notice warn"><Status tone="warn">{t("backtest.no.events")}</Status></p>}
      {run.tells_nobody && run.notices > 0 && <p className="notice warn"><Status tone="warn">{t("alertrule.run.nobody")}</Status></p>}
      {run.notices > 0 && <p className="dim small">{KINDS.filter((kind) => run.by_kind[kind] > 0).map((kind) => t("alertrule.run.kind", { what: t(`alert.notice.${kind}`), count: run.by_kind[kind] })).join(" · ")}</p>}
      {run.alerts > 0 && <Lanes run={run} />}
      {run.items.length > 0 && (
        <table className="dry-alerts">
          <thead>
            <tr>
              <th scope="col">{t("alerts.started")}</th>
              <th scope="col">{t("alerts.severity")}</th>
              <th scope="col">{t("alerts.name")}</th>
              <th scope="col" className="num">{t("alerts.count")}</th>
              <th scope="col">{t("alerts.lasting")}</th>
              {keep && <th scope="col"><span className="sr">{t("try.keep")}</span></th>}
            </tr>
          </thead>
          <tbody>{run.items.map((alert, at) => <One key={`${alert.opened_at} ${at}`} alert={alert} keep={keep} />)}</tbody>
        </table>
      )}
      {run.alerts > run.items.length && <p className="dim small">{t("alertrule.run.more", { count: run.alerts - run.items.length })}</p>}
    </>
  );
}

function One({ alert, keep }: { alert: Run["items"][number]; keep: Keep | undefined }) {
  const { t, language } = useI18n();
  return (
    <tr>
      <td>{alert.event === null ? <TimeText at={alert.opened_at} /> : <Link to="/events" search={{ sel: alert.event }}><TimeText at={alert.opened_at} /></Link>}</td>
      <td><Status tone={SEVERITY_TONE[alert.severity]}>{t(`severity.${alert.severity}`)}</Status></td>
      <td title={labelsOf(alert.labels).join("\n")}>{alert.title}</td>
      <td className="num">{formatCount(alert.count, language)}</td>
      <td>{alert.ended_at === null ? t("alertrule.run.open") : formatDuration((Date.parse(alert.ended_at) - Date.parse(alert.opened_at)) / 1000, t)}</td>
      {keep && <td>{alert.sample !== null && <button type="button" className="button ghost small square" aria-label={t("try.keep")} title={t("try.keep")} onClick={() => keep(alert)}><Icon name="plus" size={12} /></button>}</td>}
    </tr>
  );
}
