import type { RolloutDetail } from "../../../api/agents";
import type { Tone } from "../../../ui/Status";

type Numbers = NonNullable<RolloutDetail["numbers"]>;

export interface Gate {
  name: "failed" | "applied" | "healthy";
  /** null = nobody was reached yet. */
  value: number | null;
  limit: number;
  tone: Tone;
}

/** What must hold before a rollout goes on, and what holds: shares of the agents reached so far. */
export function gatesOf(numbers: Numbers, gates: RolloutDetail["gates"]): Gate[] {
  const { offered, applied, failed, unhealthy } = numbers;
  const share = (part: number, whole: number): number | null => (whole ? part / whole : null);
  const failedShare = share(failed, offered);
  const appliedShare = share(applied, offered);
  const healthyShare = share(applied - unhealthy, applied);
  const least = (value: number | null, limit: number): Tone => (value === null ? "mute" : value >= limit ? "ok" : "run");
  return [
    { name: "failed", value: failedShare, limit: gates.max_failure_share, tone: failedShare === null ? "mute" : failedShare > gates.max_failure_share ? "crit" : "ok" },
    { name: "applied", value: appliedShare, limit: gates.min_applied_share, tone: least(appliedShare, gates.min_applied_share) },
    { name: "healthy", value: healthyShare, limit: gates.min_healthy_share, tone: healthyShare !== null && healthyShare < gates.min_healthy_share ? "warn" : least(healthyShare, gates.min_healthy_share) },
  ];
}
