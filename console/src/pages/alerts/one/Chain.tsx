import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type AlertDetail, type Explanation, useExplanation } from "../../../api/alerts";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatClock, formatDuration } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { Card } from "../../../ui/Card";
import { Glyph, Status, type Tone } from "../../../ui/Status";
import { Rich } from "../Rich";
import { type ChainRow, chainOf } from "./chain";

/** Each stage that decided about the alert, with the values that decided, and what comes next. */
export function Chain({ alert }: { alert: AlertDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const now = useServerNow(60_000);
  const explained = useExplanation(alert.alert_id).data;
  const rows = chainOf(alert, explained, i18n, now);
  return (
    <Card title={t("alert.why")} sub={t("alert.why.sub")} tools={explained && <Recomputed explained={explained} />}>
      <ol className="alert-chain">
        {rows.map((row) => (
          <Row key={row.stage} row={row} tools={row.stage === "rule" && <Link to={`/alerts/rules/${alert.rule_id}` as string}>{t("alert.to.rule")}</Link>}>
            <Rich text={row.text} />
          </Row>
        ))}
        <Next alert={alert} i18n={i18n} />
      </ol>
    </Card>
  );
}

function Recomputed({ explained: { same, first_event: first } }: { explained: Explanation }) {
  const { t } = useI18n();
  if (first === null) return <Status tone="mute">{t("alert.same.unknown")}</Status>;
  return <Status tone={same ? "ok" : "warn"}>{t(same ? "alert.same.yes" : "alert.same.no")}</Status>;
}

function Row({ row: { tone, stage }, tools, children }: { row: Pick<ChainRow, "stage"> & { tone: Tone }; tools?: ReactNode; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <li>
      <span className={`status ${tone}`}><Glyph tone={tone} /></span>
      <span className="alert-stage">{t(`alert.stage.${stage}`)}</span>
      <span className="alert-what">{children}</span>
      {tools && <span className="alert-link">{tools}</span>}
    </li>
  );
}

/** The moment of the next level counts down here, without asking the server. */
function Next({ alert, i18n }: { alert: AlertDetail; i18n: I18n }) {
  const { t } = i18n;
  const now = useServerNow(1_000);
  const { next } = alert;
  const quiet = (key: "over" | "held" | "taken" | "none" | "last"): ReactNode => <Row row={{ stage: "next", tone: "mute" }}>{t(`alert.next.${key}`)}</Row>;
  if (alert.status === "resolved") return quiet("over");
  if (alert.status === "acknowledged") return quiet("taken");
  if (alert.held_by !== "") return quiet("held");
  if (next === null) return quiet(alert.notices.length === 0 ? "none" : "last");
  const left = (Date.parse(next.at) - now) / 1000;
  const values = { level: next.level + 1, receivers: next.receivers.join(t("alert.join")) };
  return (
    <Row row={{ stage: "next", tone: "run" }}>
      <span title={formatClock(next.at, now)}>
        <Rich text={left > 0 ? t("alert.next.in", { time: formatDuration(Math.max(1, Math.floor(left)), t), ...values }) : t("alert.next.now", values)} />
      </span>
    </Row>
  );
}
