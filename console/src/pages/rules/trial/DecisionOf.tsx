import { type EventDecision, useDecision } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Drafts, Stories } from "./Stories";

type HostDecision = NonNullable<EventDecision["at_host"]>;

interface Props {
  kind: "event" | "file";
  rowId: string;
  /** Stands open: the rule that the reader comes from. */
  about?: string;
}

/** What was decided about a stored event, and why, rule by rule. */
export function DecisionOf({ kind, rowId, about }: Props) {
  const { t } = useI18n();
  const decision = useDecision(kind, rowId);
  return (
    <QueryState query={decision} rows={8} object={{ what: t("events.one"), id: rowId }}>
      {(found) => (
        <div className="decision">
          <p className="row wrap">
            <Status tone={found.state === "decided" ? "ok" : found.state === "pending" ? "run" : "mute"}>{t(`decision.${found.state}`)}</Status>
            {found.decided_at && <TimeText at={found.decided_at} />}
            {found.set_no > 0 && <span className="dim">{t("decision.set", { number: found.set_no })}</span>}
            {!found.same && <Status tone="crit">{t("decision.differs")}</Status>}
          </p>
          <Drafts decision={found} names={new Map(found.rules.map(({ rule_id, name }) => [rule_id, name]))} />
          {found.at_host && <AtHost decided={found.at_host} />}
          {found.state === "decided" && found.matched.length === 0 && <p className="dim">{t(found.rules.length ? "decision.nothing" : "decision.no.rules")}</p>}
          <Stories stories={found.rules} about={about} />
        </div>
      )}
    </QueryState>
  );
}

/** What the host decided about the file before it sent it. */
function AtHost({ decided }: { decided: HostDecision }) {
  const { t } = useI18n();
  return (
    <section className="notice run" aria-label={t("decision.host")}>
      <p className="row wrap">
        <Status tone="ok">{t("decision.host")}</Status>
        <span className="dim">{t("decision.set", { number: decided.set_no })}</span>
        {!decided.same && decided.rules.length > 0 && <Status tone="crit">{t("decision.differs")}</Status>}
      </p>
      {decided.rules.length ? <Stories stories={decided.rules} about={decided.rule.rule_id} label={t("decision.host.rules")} /> : <p className="dim">{t("decision.host.unknown")}</p>}
    </section>
  );
}
