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
const PLACES: Readonly<Record<Finding["code"], [PageEntry["key"], "agents" | "value" | "one"]>> = {
  agents_failing: ["agents", "agents"], agents_offline: ["agents", "agents"], agents_degraded: ["agents", "agents"],
  disk_low: ["overview", "one"], high_water: ["overview", "one"], queue_wait: ["overview", "one"],
  failures: ["overview", "one"], store_unreachable: ["overview", "one"],
  rollout_halted: ["configs", "one"], config_failed: ["configs", "one"],
  dead_letters: ["dlq", "value"],
};

/** What it tells of is over: it went back everywhere, and nobody has to do anything. */
const isOver = ({ code, params }: Finding): boolean => code === "rollout_halted" && params["status"] === "reverted";

/** `approves` = a halted rollout waits for this reader. */
export function badgesOf({ todo }: Pick<FleetVerdict, "todo">, approves: boolean): Badges {
  const badges: Badges = {};
  for (const finding of todo) {
    const { code, level, value, agents_count: agents } = finding;
    if (level === "ok" || isOver(finding)) continue;
    const [page, what] = PLACES[code];
    const tone = level === "crit" ? "crit" : code === "rollout_halted" && approves ? "hold" : "mute";
    const count = what === "agents" ? agents : what === "value" ? Math.round(value) : 1;
    const before = badges[page];
    // only what is as bad as the worst is counted: the colour holds for the whole number
    if (!before || ORDER.indexOf(tone) > ORDER.indexOf(before.tone)) badges[page] = { count, tone };
    else if (before.tone === tone) before.count += count;
  }
  return badges;
}

const ORDER = ["mute", "hold", "crit"] as const;
