import { Link } from "@tanstack/react-router";
import { type Rollout, useGroupLayers, useRollout, useRunningRollouts, useVersion } from "../../../api/agents";
import { useMay } from "../../../api/account";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { formatPct } from "../words";
import { type Gate, gatesOf } from "./gates";

const TONE: Record<Rollout["status"], Tone> = { running: "run", paused: "hold", reverting: "crit", reverted: "crit", completed: "ok" };

/** The rollouts that are under way, above the agents they reach. */
export function RolloutStrip() {
  const may = useMay();
  const { data } = useRunningRollouts(may("config:read"));
  return data?.map((rollout) => <Running key={rollout.rollout_id} rollout={rollout} />) ?? null;
}

function Running({ rollout }: { rollout: Rollout }) {
  const { t } = useI18n();
  const detail = useRollout(rollout.rollout_id).data;
  const version = useVersion(rollout.version_id).data;
  const layer = useGroupLayers().data?.find(({ layer_id }) => layer_id === rollout.layer_id);
  const place = layer ? (layer.kind === "base" ? t("agents.rollout.base") : layer.name || layer.subject) : "";
  const numbers = detail?.numbers;
  return (
    <section className={`card rollout ${rollout.status}`} aria-label={t("agents.rollout.label")}>
      <header>
        <Status tone={TONE[rollout.status]} bare>
          {t(`agents.rollout.status.${rollout.status}`)}
        </Status>
        <h2>
          {t("agents.rollout.title", { version: version?.number ?? "", place, status: t(`agents.rollout.status.${rollout.status}`) })}
        </h2>
        <span className="sub">
          {t("agents.rollout.wave", { at: rollout.wave + 1, of: rollout.waves.length })} · {rollout.author} <TimeText at={rollout.created_at} relative />
          {rollout.reason && ` · ${rollout.reason}`}
        </span>
        <span className="tools">
          <Link to={"/rollouts/$rolloutId" as string} params={{ rolloutId: rollout.rollout_id } as never} className="button small">
            {t("agents.rollout.open")}
          </Link>
        </span>
      </header>
      {numbers && detail && (
        <div className="rollout-line">
          <Progress {...numbers} />
          <span className="gates">
            {gatesOf(numbers, detail.gates).map((gate) => (
              <GateText key={gate.name} gate={gate} />
            ))}
            {detail.met_since && (
              <span className="dim">{t("agents.rollout.soak", { time: formatDuration(detail.gates.soak_s, t) })}</span>
            )}
          </span>
        </div>
      )}
    </section>
  );
}

function Progress({ applied, failed, unhealthy, waiting, offered }: { applied: number; failed: number; unhealthy: number; waiting: number; offered: number }) {
  const { t } = useI18n();
  const total = Math.max(1, offered);
  const well = Math.max(0, applied - unhealthy);
  const label = t("agents.rollout.progress", { applied, offered, failed, waiting });
  return (
    <span className="rollout-bar">
      <span className="bar" role="img" aria-label={label}>
        <i className="ok" style={{ width: `${(100 * well) / total}%` }} />
        <i className="warn" style={{ width: `${(100 * unhealthy) / total}%` }} />
        <i className="crit" style={{ width: `${(100 * failed) / total}%` }} />
      </span>
      <span className="dim" aria-hidden="true">
        {label}
      </span>
    </span>
  );
}

function GateText({ gate }: { gate: Gate }) {
  const { t } = useI18n();
  const text = t(`agents.gate.${gate.name}`, { value: gate.value === null ? t("none") : formatPct(gate.value * 100), limit: formatPct(gate.limit * 100) });
  return <Status tone={gate.tone}>{text}</Status>;
}
