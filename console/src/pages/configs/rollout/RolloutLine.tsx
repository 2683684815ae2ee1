import { useState } from "react";
import { type Layer, type Rollout, useVersionById } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { sayRollout, useLayerName } from "../words";
import { RolloutCard } from "./RolloutCard";

/** A rollout in one line; opened, its waves and gates. */
export function RolloutLine({ rollout, layer }: { rollout: Rollout; layer: Layer | undefined }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const name = useLayerName()(layer);
  const number = useVersionById(rollout.version_id).data?.number;
  const { key, tone } = sayRollout(rollout);
  const title = t("rollout.title", { version: number === undefined ? t("none") : t("version.name", { number }), layer: name || t("none") });
  const said = t(key, { wave: rollout.wave + 1, all: rollout.waves.length } as never);
  return (
    <details className="rollout-line" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Status tone={tone}>
          {title} · {said}
        </Status>
        <span className="dim small">
          {rollout.author} <TimeText at={rollout.created_at} relative />
        </span>
      </summary>
      {open && <RolloutCard id={rollout.rollout_id} layer={layer} />}
    </details>
  );
}
