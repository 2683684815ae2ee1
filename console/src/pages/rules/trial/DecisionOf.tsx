import { useDecision } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Drafts, Stories } from "./Stories";

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
          <Stories stories={found.rules} about={about} />
        </div>
      )}
    </QueryState>
  );
}
