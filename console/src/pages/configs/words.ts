import type { Me } from "../../api/account";
import type { Layer, Rollout, RolloutDetail, SeatState, VersionItem } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import type { Key } from "../../i18n/types";
import type { Tone } from "../../ui/Status";

/** What layers, versions and rollouts are called, and the tones of their states. */

export type LayerName = Pick<Layer, "kind" | "name" | "subject">;

export function useLayerName(): (layer: LayerName | undefined) => string {
  const { t } = useI18n();
  return (layer) => {
    if (!layer) return "";
    if (layer.kind === "base") return t("layer.base");
    return t(`layer.${layer.kind}`, { name: layer.name || layer.subject });
  };
}

export const ROLLOUT_TONE: Record<Rollout["status"], Tone> = {
  running: "run", paused: "hold", reverting: "warn", reverted: "crit", completed: "ok",
};

export const SEAT_TONE: Record<SeatState, Tone> = {
  pending: "mute", absent: "mute", refused: "hold", busy: "hold", offered: "run", applied: "ok", unhealthy: "warn",
  failed: "crit", went_back: "crit", timed_out: "crit", superseded: "mute", taking_back: "warn", taken_back: "mute",
};

/** A rollout that a gate stopped, not a person. */
export const byGate = (rollout: Rollout): boolean => rollout.cause !== null && rollout.cause.code !== "person";

type VersionState = "current" | "running" | "paused" | "reverting" | "reverted" | "completed" | "new";

export const VERSION_TONE: Record<VersionState, Tone> = {
  current: "ok", running: "run", paused: "hold", reverting: "warn", reverted: "crit", completed: "mute", new: "mute",
};

/** In force, on its way, or what became of it. */
export function versionState(version: VersionItem, current: string | undefined): VersionState {
  if (version.rollout && version.rollout.status !== "completed" && version.rollout.status !== "reverted") return version.rollout.status;
  if (version.version_id === current) return "current";
  return version.rollout?.status ?? "new";
}

/** It was rolled out and went back, by a gate or by a person: not what to roll out next. */
export const wasTakenBack = (version: Pick<VersionItem, "rollout"> | undefined): boolean =>
  version?.rollout?.status === "reverted" || version?.rollout?.status === "reverting";

/** The one sentence about a rollout. */
export function sayRollout(rollout: Rollout): { key: Extract<Key, `rollout.say.${string}`>; tone: Tone } {
  const { status } = rollout;
  const gate = byGate(rollout);
  if (gate && (status === "paused" || status === "reverting" || status === "reverted")) {
    return { key: `rollout.say.${status}.gate`, tone: status === "reverting" ? "warn" : "crit" };
  }
  return { key: `rollout.say.${status}`, tone: ROLLOUT_TONE[status] };
}

/** Agents that a rollout reached so far. */
export const reached = (rollout: RolloutDetail): number =>
  Object.values(rollout.attempts).reduce((sum, count) => sum + count, 0) - (rollout.attempts.superseded ?? 0);

/** The built-in view of what somebody wrote: the text of these lists is looked for in the author, too. */
export const mineOf = (me: Me | null | undefined): { mine?: { q: string[] } } => (me?.kind === "user" ? { mine: { q: [me.name] } } : {});
