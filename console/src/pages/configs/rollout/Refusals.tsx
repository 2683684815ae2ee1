import { Link } from "@tanstack/react-router";
import type { RolloutDetail, Seat, Seats } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { refusalLine } from "../../../i18n/faults";
import { formatClock } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { Card } from "../../../ui/Card";
import { dotted } from "../../../ui/diff/values";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { SEAT_TONE } from "../words";

const BAD: ReadonlySet<Seat["state"]> = new Set(["failed", "went_back", "timed_out", "unhealthy"]);
const MOST = 200;

/** Agents that did not take it, with what they said. */
export function Refusals({ seats }: { seats: Seats }) {
  const { t, language } = useI18n();
  const bad = seats.items.filter(({ state }) => BAD.has(state));
  if (bad.length === 0) return null;
  return (
    <Card title={t("rollout.refusals")} sub={String(bad.length)}>
      <table className="refusals">
        <thead>
          <tr>
            <th scope="col">{t("rollout.refusals.agent")}</th>
            <th scope="col">{t("rollout.refusals.state")}</th>
            <th scope="col">{t("rollout.refusals.why")}</th>
            <th scope="col">{t("rollout.refusals.when")}</th>
          </tr>
        </thead>
        <tbody>
          {bad.slice(0, MOST).map((seat) => (
            <tr key={seat.agent_id}>
              <td>
                <Link to={`/agents/${seat.agent_id}` as never} className="mono">
                  {seat.hostname || seat.agent_id}
                </Link>
              </td>
              <td>
                <Status tone={SEAT_TONE[seat.state]}>{t(`seat.${seat.state}`)}</Status>
              </td>
              <td>
                {seat.reason.length === 0 && <span className="dim">{t("rollout.refusals.unsaid")}</span>}
                {seat.reason.map((fault) => (
                  <div key={`${fault.pointer} ${fault.message}`} title={fault.message}>
                    <span className="mono">{dotted(fault.pointer)}</span> <span className="refusal-text">{refusalLine(language, fault)}</span>
                  </div>
                ))}
              </td>
              <td>{seat.changed_at && <TimeText at={seat.changed_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

/** Who is out of contact, and until when the offer waits for them. */
export function Absent({ rollout, seats }: { rollout: RolloutDetail; seats: Seats }) {
  const { t } = useI18n();
  const absent = seats.items.filter(({ state }) => state === "absent");
  if (absent.length === 0) return null;
  const open = rollout.status === "running";
  const until = Date.parse(rollout.since) + rollout.gates.wave_timeout_s * 1000;
  return (
    <div className="notice mute" role="note">
      <Status tone="mute">{t("rollout.absent", { count: absent.length })}</Status>
      <span className="grow">
        {open ? t("rollout.absent.open", { at: formatClock(until, serverNow()) }) : t("rollout.absent.ended")}{" "}
        <span className="mono dim">
          {absent.slice(0, 12).map(({ hostname, agent_id }) => hostname || agent_id).join(" · ")}
          {absent.length > 12 && ` +${absent.length - 12}`}
        </span>
      </span>
    </div>
  );
}
