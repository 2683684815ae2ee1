import { Link } from "@tanstack/react-router";
import { type AlertDetail, type AlertEvidence, useAlertEvidence } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { SEVERITY_TONE } from "../words";

const GAP = "…";
const PATTERNS = 5;

/** What its events say: those that differ in numbers and names only are one pattern. */
export function Evidence({ alert }: { alert: AlertDetail }) {
  const { t, language } = useI18n();
  const query = useAlertEvidence(alert.alert_id);
  const { data } = query;
  return (
    <Card
      title={t("alert.evidence")}
      {...(data && data.events > 0 ? { sub: t(data.happenings < data.count ? "alert.evidence.sub.some" : "alert.evidence.sub", { patterns: data.patterns.length, events: formatCount(data.events, language), count: formatCount(data.count, language) }) } : {})}
    >
      <QueryState query={query} rows={4} pace="list">
        {({ patterns }) =>
          patterns.length === 0 ? (
            <p className="pad dim">{t("alert.events.none")}</p>
          ) : (
            <ol className="alert-patterns">
              {patterns.slice(0, PATTERNS).map((one) => <Pattern key={one.pattern} one={one} />)}
              {patterns.length > PATTERNS && <li className="dim">{t("alert.evidence.more", { count: patterns.length - PATTERNS })}</li>}
            </ol>
          )
        }
      </QueryState>
    </Card>
  );
}

function Pattern({ one: { pattern, count, severity, lines } }: { one: AlertEvidence["patterns"][number] }) {
  const { t, language } = useI18n();
  return (
    <li>
      <p className="alert-pattern">
        <Status tone={SEVERITY_TONE[severity]}>{t("alert.evidence.times", { count: formatCount(count, language) })}</Status>
        <span className="mono">{pattern}</span>
      </p>
      <ul>
        {lines.map(({ row_id: id, is_file: file, at, name, text }) => (
          <li key={id}>
            <Link to={file ? "/events/files" : "/events"} search={{ sel: id } as never}><TimeText at={at} /></Link>
            <span className="el dim" title={name}>{name}</span>
            <Said text={text} pattern={pattern} />
          </li>
        ))}
      </ul>
    </li>
  );
}

/** A line in which what it has in common with others of its pattern stands back. */
function Said({ text, pattern }: { text: string; pattern: string }) {
  const common = new Set(pattern.split(" ").filter((word) => !word.includes(GAP)));
  return (
    <span className="mono el" title={text}>
      {text.split(" ").map((word, at) => (common.has(word) ? `${word} ` : <mark key={at}>{`${word} `}</mark>))}
    </span>
  );
}
