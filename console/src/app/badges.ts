import type { Finding, FleetVerdict } from "../api/fleet";
import type { PageEntry } from "./pages";

/** What in the navigation asks for attention, from the verdict; pure, so that it can be tested. */

export interface Badge {
  count: number;
  /** crit = act now, hold = waits for this reader's decision, mute = other counts. */
  tone: "crit" | "hold" | "mute";
}

export type Badges = Partial<Record<PageEntry["key"], Badge>>;

/** Where each finding is dealt with, and what is counted of it: its agents, its files, or the finding itself. */
const PLACES: Readonly<Record<Exclude<Finding["code"], "alerts_firing">, [PageEntry["key"], "agents" | "value" | "one"]>> = {
  agents_failing: ["agents", "agents"], agents_offline: ["agents", "agents"], agents_degraded: ["agents", "agents"],
  disk_low: ["overview", "one"], high_water: ["overview", "one"], queue_wait: ["overview", "one"],
  failures: ["overview", "one"], store_unreachable: ["overview", "one"],
  rollout_halted: ["configs", "one"], config_failed: ["configs", "one"],
  dead_letters: ["dlq", "value"],
};

/** What it tells of is over: it went back everywhere, and nobody has to do anything. */
const isOver = ({ code, params }: Finding): boolean => code === "rollout_halted" && params["status"] === "reverted";

/** `approves` = a halted rollout waits for this reader; `letters` = open dead letters of every kind, where they are known. */
export function badgesOf({ todo }: Pick<FleetVerdict, "todo">, approves: boolean, letters?: number): Badges {
  const badges: Badges = letters ? { dlq: { count: letters, tone: "mute" } } : {};
  for (const finding of todo) {
    const { code, level, value, agents_count: agents } = finding;
    // alerts have a badge of their own, which counts all of them
    if (level === "ok" || code === "alerts_firing" || isOver(finding) || (code === "dead_letters" && letters !== undefined)) continue;
    const [page, what] = PLACES[code];
    const tone = level === "crit" ? "crit" : code === "rollout_halted" && approves ? "hold" : "mute";
    const count = what === "agents" ? agents : what === "value" ? Math.round(value) : 1;
    const before = badges[page];
    badges[page] = joined(before, { count, tone });
  }
  return badges;
}

const ORDER = ["mute", "hold", "crit"] as const;

/** Two in one; only what is as bad as the worst is counted: the colour holds for the whole number. */
export function joined(one: Badge | undefined, other: Badge | undefined): Badge {
  if (!one || !other) return one ?? other ?? { count: 0, tone: "mute" };
  if (one.tone === other.tone) return { count: one.count + other.count, tone: one.tone };
  return ORDER.indexOf(one.tone) > ORDER.indexOf(other.tone) ? one : other;
}

/** Alerts that nobody has taken: red as soon as one of them is critical or an error, and then these alone are counted. */
export function alertBadge(total: number, severity: Readonly<Record<string, number>>): Badge | undefined {
  const bad = (severity["critical"] ?? 0) + (severity["error"] ?? 0);
  if (bad > 0) return { count: bad, tone: "crit" };
  return total > 0 ? { count: total, tone: "mute" } : undefined;
}
