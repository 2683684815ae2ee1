import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Layer } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { Card } from "../../ui/Card";
import { Icon } from "../../ui/Icon";
import { Status } from "../../ui/Status";
import { useMayWhy } from "../../ui/useMayWhy";
import { NewLayer } from "./NewLayer";
import { useLayerName } from "./words";

const KINDS = ["base", "group", "agent"] as const;

/** All layers in the order in which they decide. */
export function Layers({ layers, chosen }: { layers: readonly Layer[]; chosen: string }) {
  const { t } = useI18n();
  const why = useMayWhy()("config:write");
  const [making, setMaking] = useState(false);
  return (
    <Card
      title={t("configs.layers")}
      className="layers"
      tools={
        <button
          type="button"
          className="button ghost small square"
          aria-label={t("configs.layer.new")}
          title={why ?? t("configs.layer.new")}
          disabled={why !== undefined}
          onClick={() => setMaking(true)}
        >
          <Icon name="plus" size={14} />
        </button>
      }
    >
      {KINDS.map((kind) => {
        const some = layers.filter((layer) => layer.kind === kind);
        return some.length ? (
          <div key={kind}>
            {kind !== "base" && <h3>{t(`layer.kind.${kind}`)}</h3>}
            <ul>
              {some.map((layer) => (
                <LayerRow key={layer.layer_id} layer={layer} chosen={layer.layer_id === chosen} />
              ))}
            </ul>
          </div>
        ) : null;
      })}
      <p className="pad dim small">{t("configs.layers.help")}</p>
      {making && <NewLayer layers={layers} close={() => setMaking(false)} />}
    </Card>
  );
}

function LayerRow({ layer, chosen }: { layer: Layer; chosen: boolean }) {
  const { t } = useI18n();
  const name = useLayerName()(layer);
  const { current, newest_number: newest } = layer;
  const newer = newest > (current?.number ?? 0);
  return (
    <li>
      <Link
        to="/configs"
        search={((old: object) => ({ ...old, layer: layer.layer_id })) as never}
        aria-current={chosen ? "true" : undefined}
        className="layer-row"
      >
        <span className="el">{layer.kind === "base" ? name : layer.name || layer.subject}</span>
        <span className="version-tag">{current ? t("version.name", { number: current.number }) : t("none")}</span>
        {layer.rollout_id ? (
          <Status tone="run">{t("configs.layer.rolling")}</Status>
        ) : (
          newer && <span className="dim small">{t("configs.layer.newer", { number: newest })}</span>
        )}
      </Link>
    </li>
  );
}
