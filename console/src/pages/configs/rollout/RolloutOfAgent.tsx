import { type Layer, type Rollout, useSeats } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { refusalLine } from "../../../i18n/faults";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { SEAT_TONE } from "../words";
import { RolloutCard } from "./RolloutCard";

interface Props {
  rollout: Rollout;
  layer: Layer | undefined;
  agent: string;
}

/** A rollout as one of its agents sees it: its wave, how it does there, and the whole around it. */
export function RolloutOfAgent({ rollout, layer, agent }: Props) {
  const { t, language } = useI18n();
  const seat = useSeats(rollout.rollout_id, rollout.status).data?.items.find(({ agent_id }) => agent_id === agent);
  if (!seat) return null;
  return (
    <RolloutCard id={rollout.rollout_id} layer={layer} mine={agent}>
      <p className="rollout-mine">
        <span className="dim">{t("rollout.mine", { wave: seat.wave + 1 })}</span>
        <Status tone={SEAT_TONE[seat.state]}>{t(`seat.${seat.state}`)}</Status>
        {seat.changed_at && <TimeText at={seat.changed_at} relative />}
        {seat.reason[0] && <span className="dim el" title={seat.reason[0].message}>{refusalLine(language, seat.reason[0])}</span>}
      </p>
    </RolloutCard>
  );
}
