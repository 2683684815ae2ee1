import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import {
  beginRollout, CONFIG_KEY, type Layer, previewRollout, ROLLOUT_KEY, type RolloutWish, useLayers, useVersion, useVersionById, type Version,
} from "../../../api/configs";
import { RequestError } from "../../../api/client";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import "../../../styles/configs.css";
import "../../../styles/diff.css";
import "../../../styles/rollout.css";
import { Conflict } from "../../../ui/action/Effect";
import { orderOf } from "../../../ui/action/order";
import { Allowed } from "../../../ui/Allowed";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useLater } from "../../../ui/useLater";
import { FirstDiff, VersionDiff } from "../VersionDiff";
import { useLayerName } from "../words";
import { Ahead } from "./Ahead";
import { isWhole, type Plan, START, wavesOf } from "./plan";
import { PlanForm } from "./PlanForm";

/** Before a rollout begins: how, to whom, what it changes; then why. */
export function LaunchPage() {
  const { t } = useI18n();
  const params = useParams({ from: "/configs/$layer/v/$number/rollout" });
  const layers = useLayers();
  const layer = layers.data?.find(({ layer_id }) => layer_id === params.layer);
  const name = useLayerName()(layer);
  const version = useVersion(params.layer, Number(params.number) || undefined);
  const title = t("launch.title", { version: t("version.of", { layer: name || params.layer, number: params.number }) });
  return (
    <div className="stack">
      <PageHead
        title={title}
        crumbs={[
          { label: t("configs.title"), to: `/configs?layer=${params.layer}` },
          { label: t("version.name", { number: params.number }), to: `/configs/${params.layer}/v/${params.number}` },
        ]}
      />
      <Allowed needs="rollout:run">
        <QueryState query={version} object={{ what: t("version.what"), id: `v${params.number}` }}>
          {(data) => <QueryState query={layers}>{() => layer && <Launch version={data} layer={layer} />}</QueryState>}
        </QueryState>
      </Allowed>
    </div>
  );
}

function Launch({ version, layer }: { version: Version; layer: Layer }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const why = useMayWhy()("rollout:run");
  const [plan, setPlan] = useState<Plan>(START);
  const [reason, setReason] = useState("");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const order = useRef(orderOf(""));
  const { busy, error } = state;
  const conflict = error instanceof RequestError && error.status === 409 ? error : null;
  const current = useVersionById(layer.current?.version_id);
  const wish: Omit<RolloutWish, "reason"> = {
    version_id: version.version_id, waves: wavesOf(plan.waves), gates: plan.gates, on_failure: plan.on_failure,
    retry_refused: plan.retry_refused,
  };
  const asked = useLater(JSON.stringify({ ...wish, reason: "" }), 350);
  const possible = layer.current?.version_id !== version.version_id && !layer.rollout_id;
  const ahead = useQuery({
    queryKey: [ROLLOUT_KEY, "ahead", version.version_id, layer.revision, asked],
    queryFn: ({ signal }) => previewRollout(JSON.parse(asked) as RolloutWish, signal),
    enabled: possible && isWhole(plan),
    retry: false,
    staleTime: 5_000,
    placeholderData: (before) => before,
  });
  const affected = ahead.data?.impact.affected ?? 0;
  const begin = async (): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      // what is above was made from this revision of the layer
      const { rollout } = await beginRollout(wish, { ...order.current, reason: reason.trim(), revision: String(layer.revision) });
      await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
      await navigate({ to: "/rollouts/$rollout", params: { rollout: rollout.rollout_id } });
    } catch (refused) {
      if (refused instanceof RequestError && refused.status >= 400 && refused.status < 500) order.current = orderOf("");
      setState({ busy: false, error: refused });
      void queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
    }
  };
  if (layer.rollout_id) {
    return (
      <div className="notice warn" role="note">
        <Status tone="warn">{t("launch.running")}</Status>
        <Link to="/rollouts/$rollout" params={{ rollout: layer.rollout_id }}>
          {t("launch.running.open")}
        </Link>
      </div>
    );
  }
  if (!possible) {
    return (
      <div className="notice mute" role="note">
        <Status tone="ok">{t("launch.already")}</Status>
        <Link to="/configs" search={{ layer: version.layer_id }}>
          {t("launch.already.back")}
        </Link>
      </div>
    );
  }
  const ready = reason.trim() !== "" && isWhole(plan) && !ahead.error && ahead.data !== undefined && !busy && !conflict && why === undefined;
  return (
    <>
      <div className="launch">
        <PlanForm plan={plan} onChange={setPlan} refused={ahead.data?.impact.refused ?? 0} />
        <div className="stack">
          <Card title={t("launch.preview")} busy={ahead.isFetching}>
            {ahead.error && <ErrorBlock error={ahead.error} retry={() => void ahead.refetch()} />}
            {ahead.data && !ahead.error && <Ahead prospect={ahead.data} />}
          </Card>
          <Card title={t("launch.diff")}>
            <div className="pad">{layer.current === null && <FirstDiff version={version} />}
              {current.data && <VersionDiff before={current.data} after={version} />}</div>
          </Card>
        </div>
      </div>
      <form
        className="card launch-foot"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void begin();
        }}
      >
        {conflict && <Conflict error={conflict} again={() => setState({ busy: false, error: null })} />}
        {error !== null && !conflict && <ErrorBlock error={error} retry={() => void begin()} />}
        <label className="grow">
          <span className="sr">{t("launch.reason")}</span>
          <input className="input" value={reason} maxLength={500} placeholder={t("launch.reason")} onChange={(event) => setReason(event.target.value)} required />
        </label>
        <button type="submit" className="button primary" disabled={!ready} title={why} aria-busy={busy}>
          {affected ? t("launch.act", { count: affected }) : t("launch.act.nobody")}
        </button>
      </form>
    </>
  );
}
