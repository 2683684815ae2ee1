import { Link } from "@tanstack/react-router";
import { type Layer, type Spread, useSpread, useVersionChoice } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { QueryState } from "../../ui/QueryState";
import { Status, type Tone } from "../../ui/Status";
import { useMayWhy } from "../../ui/useMayWhy";
import { useLayerName, wasTakenBack } from "./words";

/** The answer first: what this layer's agents run, and what can be done. */
export function LayerHead({ layer }: { layer: Layer }) {
  const { t } = useI18n();
  const why = useMayWhy();
  const name = useLayerName()(layer);
  const spread = useSpread(layer.layer_id);
  const { current, newest_number: newest, rollout_id: rollout } = layer;
  const versions = useVersionChoice(layer.layer_id).data?.items;
  const again = wasTakenBack(versions?.find(({ number }) => number === newest));
  const launchable = versions !== undefined && newest > 0 && newest !== current?.number && !rollout;
  return (
    <section className="card layer-head" aria-label={name}>
      <div className="layer-answer">
        <h2>{name}</h2>
        <QueryState query={spread} rows={1}>
          {(data) => <Answer layer={layer} spread={data} />}
        </QueryState>
      </div>
      <div className="layer-acts">
        <Acting to="/configs/$layer/edit" layer={layer.layer_id} why={why("config:write")} primary={newest === 0}>
          {t(newest === 0 ? "configs.write.first" : "configs.edit")}
        </Acting>
        {launchable && (
          <Link
            to="/configs/$layer/v/$number/rollout"
            params={{ layer: layer.layer_id, number: String(newest) }}
            className={again ? "button" : "button primary"}
            disabled={why("rollout:run") !== undefined}
            title={why("rollout:run") ?? (again ? t("configs.launch.again.why", { number: newest }) : undefined)}
          >
            {t(again ? "configs.launch.again" : "configs.launch", { number: newest })}
          </Link>
        )}
      </div>
    </section>
  );
}

interface ActingProps {
  to: "/configs/$layer/edit";
  layer: string;
  why: string | undefined;
  primary: boolean;
  children: string;
}

function Acting({ to, layer, why, primary, children }: ActingProps) {
  return (
    <Link to={to} params={{ layer }} className={primary ? "button primary" : "button"} disabled={why !== undefined} title={why}>
      {children}
    </Link>
  );
}

function Answer({ layer, spread: { whole } }: { layer: Layer; spread: Spread }) {
  const { t } = useI18n();
  const { current } = layer;
  if (whole.agents === 0) return <Status tone="mute">{t("configs.answer.nobody")}</Status>;
  if (!current) return <Status tone="mute">{t("configs.answer.none", { agents: whole.agents })}</Status>;
  const version = t("version.name", { number: current.number });
  const on = whole.versions.find(({ version_id }) => version_id === current.version_id)?.agents ?? 0;
  const all = on === whole.agents;
  const others = whole.versions.filter(({ version_id }) => version_id !== current.version_id);
  const tone: Tone = all ? "ok" : layer.rollout_id ? "run" : "warn";
  return (
    <div className="layer-words">
      <Status tone={tone}>
        {all ? t("configs.answer.all", { agents: whole.agents, version }) : t("configs.answer.some", { count: on, agents: whole.agents, version })}
      </Status>
      {others.map(({ version_id, number, agents }) => (
        <span key={version_id} className="dim">
          {t("configs.answer.others", { count: agents, version: t("version.name", { number }) })}
        </span>
      ))}
      {whole.none > 0 && <span className="dim">{t("configs.answer.without", { count: whole.none })}</span>}
      {whole.unknown > 0 && <span className="dim">{t("configs.answer.unknown", { count: whole.unknown })}</span>}
    </div>
  );
}
