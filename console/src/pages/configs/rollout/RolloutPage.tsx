import { useParams } from "@tanstack/react-router";
import { type RolloutDetail, useLayers, useRollout, useSeats, useVersionById } from "../../../api/configs";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import "../../../styles/configs.css";
import "../../../styles/diff.css";
import "../../../styles/rollout.css";
import { useLayerName } from "../words";
import { MoveLog } from "./MoveLog";
import { Absent, Refusals } from "./Refusals";
import { Result } from "./Result";
import { RolloutCard } from "./RolloutCard";

/** Is this rollout safe, and how do I get back: waves, gates, who refused and why, what happened. */
export function RolloutPage() {
  const { t } = useI18n();
  const { rollout: id } = useParams({ from: "/rollouts/$rollout" });
  const rollout = useRollout(id);
  const version = useVersionById(rollout.data?.version_id).data;
  const layers = useLayers().data;
  const layer = layers?.find(({ layer_id }) => layer_id === rollout.data?.layer_id);
  const name = useLayerName()(layer);
  const title = version ? t("rollout.title", { version: t("version.name", { number: version.number }), layer: name }) : t("rollout.name");
  return (
    <div className="stack">
      <PageHead title={title} crumbs={[{ label: t("configs.title"), to: layer ? `/configs?layer=${layer.layer_id}` : "/configs" }]} />
      <RolloutCard id={id} layer={layer} whole />
      {rollout.data && <Below rollout={rollout.data} />}
    </div>
  );
}

function Below({ rollout }: { rollout: RolloutDetail }) {
  const seats = useSeats(rollout.rollout_id, rollout.status).data;
  return (
    <div className="rollout-below">
      <div className="stack">
        {seats && <Absent rollout={rollout} seats={seats} />}
        {seats && <Refusals seats={seats} />}
        <Result rollout={rollout} />
      </div>
      <MoveLog rollout={rollout} seats={seats} />
    </div>
  );
}
