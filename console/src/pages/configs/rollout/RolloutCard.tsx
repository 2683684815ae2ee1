import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { type Layer, type RolloutDetail, type Seats, useRollout, useSeats, useVersionById } from "../../../api/configs";
import { useGroups } from "../../../api/scope";
import { router } from "../../../app/router";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { QueryState } from "../../../ui/QueryState";
import { Gates } from "../../../ui/rollout/Gates";
import { gatesOf } from "../../../ui/rollout/gates";
import { Waves } from "../../../ui/rollout/Waves";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { sayRollout, useLayerName } from "../words";
import { Steer } from "./Steer";
import { waveViews } from "./waveViews";

interface Props {
  id: string;
  layer: Layer | undefined;
  /** On its own page: without the way to it. */
  whole?: boolean;
  /** The agent that the reader looks at: its cell is marked. */
  mine?: string;
  /** Stands between the sentence and the waves. */
  children?: ReactNode;
}

/** A rollout at one look: the sentence, its waves agent by agent, its gates, what can be done. */
export function RolloutCard({ id, layer, whole = false, mine, children }: Props) {
  const { t } = useI18n();
  const rollout = useRollout(id);
  const seats = useSeats(id, rollout.data?.status);
  return (
    <section className="card rollout-card" aria-label={t("rollout.name")}>
      <QueryState query={rollout} rows={5} object={{ what: t("rollout.name"), id }}>
        {(data) => (
          <>
            <Head rollout={data} layer={layer} whole={whole} />
            {children}
            <QueryState query={seats} rows={3}>
              {(found) => <Picture rollout={data} seats={found} {...(mine === undefined ? {} : { mine })} />}
            </QueryState>
            <LiveGates rollout={data} />
          </>
        )}
      </QueryState>
    </section>
  );
}

function Head({ rollout, layer, whole }: { rollout: RolloutDetail; layer: Layer | undefined; whole: boolean }) {
  const { t } = useI18n();
  const name = useLayerName()(layer);
  const version = useVersionById(rollout.version_id).data;
  const said = sayRollout(rollout);
  const number = version?.number;
  const title = t("rollout.title", { version: number === undefined ? t("none") : t("version.name", { number }), layer: name || t("none") });
  const params = { wave: rollout.wave + 1, all: rollout.waves.length };
  return (
    <div className="rollout-head">
      <div>
        <h2>
          <Status tone={said.tone} size={14}>
            {title} · {t(said.key, params as never)}
          </Status>
        </h2>
        <p className="dim">
          {t("rollout.by", { author: rollout.author })}{" "}
          <TimeText at={rollout.created_at} />
          {rollout.reason && <> · {t("rollout.reason", { reason: rollout.reason })}</>}
          {rollout.cause && <> · {t(`cause.${rollout.cause.code}`, { by: rollout.cause.by } as never)}</>}
          {rollout.cause?.reason && <> · {t("rollout.reason", { reason: rollout.cause.reason })}</>}
        </p>
      </div>
      <div className="layer-acts">
        {!whole && (
          <Link to="/rollouts/$rollout" params={{ rollout: rollout.rollout_id }} className="button small">
            {t("rollout.open")}
          </Link>
        )}
        {number !== undefined && (
          <Link to="/configs/$layer/v/$number" params={{ layer: rollout.layer_id, number: String(number) }} search={{ tab: "diff" }} className="button small">
            {t("rollout.diff")}
          </Link>
        )}
        <Steer rollout={rollout} />
      </div>
    </div>
  );
}

const hrefOf = (id: string): string => router.buildLocation({ to: `/agents/${id}` } as never).href;

function Picture({ rollout, seats, mine }: { rollout: RolloutDetail; seats: Seats; mine?: string }) {
  const { t } = useI18n();
  const now = useServerNow(60_000);
  const groups = useGroups();
  const waves = useMemo(
    () => waveViews(rollout, seats, { t, clock: (at) => formatClock(at, now), groupName: (id) => groups?.groups.find((one) => one.id === id)?.name ?? id }),
    [rollout, seats, t, now, groups],
  );
  return <Waves label={t("launch.waves")} waves={waves} hrefOf={hrefOf} {...(mine === undefined ? {} : { mine })} />;
}

function LiveGates({ rollout }: { rollout: RolloutDetail }) {
  const now = useServerNow(1_000);
  return <Gates gates={gatesOf(rollout, now)} />;
}
