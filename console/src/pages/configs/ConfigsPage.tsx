import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { CONFIG_KEY, type Layer, makeLayer, useLayers } from "../../api/configs";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import "../../styles/configs.css";
import "../../styles/diff.css";
import "../../styles/rollout.css";
import { orderOf } from "../../ui/action/order";
import { QueryState } from "../../ui/QueryState";
import { Empty } from "../../ui/StateBlock";
import { Tabs } from "../../ui/Tabs";
import { Toast } from "../../ui/toast";
import { useMayWhy } from "../../ui/useMayWhy";
import { Coverage } from "./Coverage";
import { LayerHead } from "./LayerHead";
import { Layers } from "./Layers";
import { UnderWay } from "./rollout/UnderWay";
import { Rollouts } from "./Rollouts";
import { Versions } from "./Versions";
import type { ConfigsTab } from "./routes";

/** What runs where, what is on its way, and the way back. */
export function ConfigsPage() {
  const { t } = useI18n();
  const layers = useLayers();
  return (
    <div className="stack">
      <PageHead title={t("configs.title")} />
      <UnderWay />
      <QueryState query={layers}>{(found) => (found.length ? <Chosen layers={found} /> : <First />)}</QueryState>
    </div>
  );
}

function Chosen({ layers }: { layers: Layer[] }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/configs" });
  const navigate = useNavigate({ from: "/configs" });
  const layer = layers.find(({ layer_id }) => layer_id === search.layer) ?? layers[0];
  if (!layer) return null;
  const tab = search.tab ?? "versions";
  const tabs = (["versions", "rollouts"] as const).map((key) => ({ key, label: t(`configs.${key}`) }));
  return (
    <div className="configs">
      <Layers layers={layers} chosen={layer.layer_id} />
      <div className="stack">
        <LayerHead layer={layer} />
        <Coverage layer={layer} />
        <section className="card">
          <Tabs<ConfigsTab>
            label={t("configs.tab")}
            tabs={tabs}
            value={tab}
            onChange={(next) => void navigate({ search: ({ q: _, status: __, ...old }) => ({ ...old, tab: next }), replace: true, resetScroll: false })}
          >
            {tab === "versions" ? <Versions layer={layer} /> : <Rollouts layer={layer} />}
          </Tabs>
        </section>
      </div>
    </div>
  );
}

/** Nothing is managed yet: the base layer is the first step. */
function First() {
  const { t } = useI18n();
  const why = useMayWhy()("config:write");
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    try {
      const layer = await makeLayer("base", "", orderOf(""));
      await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
      await navigate({ to: "/configs/$layer/edit", params: { layer: layer.layer_id } });
    } catch (error) {
      Toast.failed(error);
      setBusy(false);
    }
  };
  return (
    <section className="card">
      <Empty
        icon="layers"
        title={t("configs.empty.title")}
        action={
          <button type="button" className="button primary" disabled={busy || why !== undefined} title={why} onClick={() => void make()}>
            {t("configs.empty.act")}
          </button>
        }
      >
        {t("configs.empty.text")}
      </Empty>
    </section>
  );
}
