import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/account";
import { type EventWhy, SEE, useEventWhy } from "../../api/alerts";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { Status, type Tone } from "../../ui/Status";

const TONE: Readonly<Record<EventWhy["verdict"], Tone>> = { alerted: "crit", counted: "warn", cleared: "ok", no_rule: "mute", pending: "run" };
/** Rules that had nothing to do with it are counted, not listed. */
const isAbout = ({ outcome }: EventWhy["rules"][number]): boolean => outcome !== "not_matched";

/** Whether an event alerted somebody, by which rules, or why not. */
export function AlertWhy({ rowId, isFile = false }: { rowId: string; isFile?: boolean }) {
  const may = useMay()(SEE);
  return may ? <Asked rowId={rowId} isFile={isFile} /> : null;
}

function Asked({ rowId, isFile }: { rowId: string; isFile: boolean }) {
  const { t } = useI18n();
  const { data } = useEventWhy(rowId, isFile);
  if (!data) return null;
  const rules = data.rules.filter(isAbout);
  return (
    <section className="event-why">
      <h3>{t("why.title")}</h3>
      <p className="row wrap">
        <Status tone={TONE[data.verdict]}>{t(`why.verdict.${data.verdict}`)}</Status>
        {data.verdict === "no_rule" && <span className="dim">{t("why.asked", { count: data.rules.length })}</span>}
      </p>
      <ul>
        {rules.map((rule) => (
          <li key={rule.rule_id}>
            <Link to="/alerts/rules/$rule" params={{ rule: rule.rule_id }}>{t("alert.rule.version", { name: rule.rule_name, version: rule.rule_version })}</Link>
            <span className="tag">{t(`alert.outcome.${rule.outcome}`)}</span>
            {rule.needed !== null && <span className="dim">{t("why.counted", { value: rule.counted ?? 0, needed: rule.needed, within: formatDuration(rule.within_s ?? 0, t) })}</span>}
            {rule.alert_id !== null && <Link to="/alerts/$alert" params={{ alert: rule.alert_id }}>{t("why.alert")}</Link>}
            {rule.same === false && <Status tone="warn">{t("alert.same.no")}</Status>}
          </li>
        ))}
      </ul>
    </section>
  );
}
