/** The gates of a rollout as values against limits. Pure. */

import type { components } from "../../api/schema";
import type { Tone } from "../Status";

type Detail = components["schemas"]["RolloutDetail"];

export type GateName = "failed" | "applied" | "healthy" | "soak" | "time";

export interface Gate {
  name: GateName;
  tone: Tone;
  /** Share of agents (0 … 1) or seconds; null = nothing to measure yet. */
  value: number | null;
  limit: number;
  unit: "share" | "seconds";
  /** What the value must be. */
  want: "≤" | "≥";
  /** Agents that the share is made of. */
  part?: [number, number];
}

/** How a rollout stands against its gates; of one that has ended, what decided it as far as it is known. */
export function gatesOf(rollout: Detail, nowMs: number): Gate[] {
  const { gates } = rollout;
  const numbers = rollout.numbers ?? atTheEnd(rollout);
  const { offered, applied, unhealthy, failed, waiting } = numbers;
  const open = rollout.status === "running" || rollout.status === "paused";
  const healthy = applied - unhealthy;
  const judged = (good: boolean, settled: boolean): Tone => (good ? "ok" : settled ? "crit" : "run");
  const share = (name: GateName, want: "≤" | "≥", part: [number, number], limit: number, tone: Tone): Gate => ({
    name, want, part, limit, unit: "share", value: part[1] ? part[0] / part[1] : null, tone: part[1] ? tone : "mute",
  });
  const shares = [
    share("failed", "≤", [failed, offered], gates.max_failure_share, failed <= gates.max_failure_share * offered + 1e-9 ? "ok" : "crit"),
    share("applied", "≥", [applied, offered], gates.min_applied_share, judged(applied >= gates.min_applied_share * offered - 1e-9, waiting === 0)),
    share("healthy", "≥", [healthy, applied], gates.min_healthy_share, judged(healthy >= gates.min_healthy_share * applied - 1e-9, true)),
  ];
  return open ? [...shares, ...times(rollout, nowMs)] : shares;
}

function times(rollout: Detail, nowMs: number): Gate[] {
  const { gates, met_since, paused_at } = rollout;
  const now = paused_at === null ? nowMs : Date.parse(paused_at);
  const seconds = (since: string): number => Math.max(0, (now - Date.parse(since)) / 1000);
  const soaked = met_since === null ? null : seconds(met_since);
  const taken = seconds(rollout.since);
  const late = met_since === null && taken > gates.wave_timeout_s * 0.8;
  return [
    {
      name: "soak", want: "≥", unit: "seconds", value: soaked, limit: gates.soak_s,
      tone: soaked === null ? "mute" : soaked >= gates.soak_s ? "ok" : "run",
    },
    {
      name: "time", want: "≤", unit: "seconds", value: taken, limit: gates.wave_timeout_s,
      tone: late ? (taken > gates.wave_timeout_s ? "crit" : "warn") : "ok",
    },
  ];
}

/** The numbers that a gate saw when it failed, else those of all offers. */
function atTheEnd({ cause, attempts }: Detail): { offered: number; applied: number; unhealthy: number; failed: number; waiting: number } {
  const facts = cause?.facts ?? {};
  if (facts["offered"] !== undefined) {
    const fact = (name: string): number => Number(facts[name] ?? 0);
    const [offered, applied, unhealthy, failed] = [fact("offered"), fact("applied"), fact("unhealthy"), fact("failed")];
    return { offered, applied, unhealthy, failed, waiting: Math.max(0, offered - applied - failed) };
  }
  const count = (...phases: (keyof typeof attempts)[]): number => phases.reduce<number>((sum, phase) => sum + (attempts[phase] ?? 0), 0);
  const failed = count("failed", "reverted", "timed_out");
  const waiting = count("offered", "staged");
  return { offered: failed + waiting + count("applied"), applied: count("applied"), unhealthy: 0, failed, waiting };
}
