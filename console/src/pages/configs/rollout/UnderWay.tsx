import { useMay } from "../../../api/account";
import { useRunningRollouts } from "../../../api/agents";
import { type Layer, useLayers } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { RolloutCard } from "./RolloutCard";
import { RolloutLine } from "./RolloutLine";
import { RolloutOfAgent } from "./RolloutOfAgent";
import "../../../styles/rollout.css";

interface Props {
  /** Only rollouts into layers that this says yes to. */
  into?: (layer: Layer) => boolean;
  /** Only rollouts that reach this agent, with its place in them. */
  agent?: string;
  /** Each in one line until it is opened: what stands below is what the reader came for. */
  folded?: boolean;
}

/** The rollouts that have not ended, with their waves and gates, above what they reach. */
export function UnderWay({ into, agent, folded = false }: Props) {
  const { t } = useI18n();
  const may = useMay()("config:read");
  const { data } = useRunningRollouts(may);
  const layers = useLayers(may && Boolean(data?.length)).data;
  if (!data?.length || !layers) return null;
  const shown = data.map((rollout) => ({ rollout, layer: layers.find(({ layer_id }) => layer_id === rollout.layer_id) }));
  return (
    <section className="stack" aria-label={t("rollout.under_way")}>
      {shown
        .filter(({ layer }) => into === undefined || (layer !== undefined && into(layer)))
        .map(({ rollout, layer }) =>
          folded ? (
            <RolloutLine key={rollout.rollout_id} rollout={rollout} layer={layer} />
          ) : agent === undefined ? (
            <RolloutCard key={rollout.rollout_id} id={rollout.rollout_id} layer={layer} />
          ) : (
            <RolloutOfAgent key={rollout.rollout_id} rollout={rollout} layer={layer} agent={agent} />
          ),
        )}
    </section>
  );
}
