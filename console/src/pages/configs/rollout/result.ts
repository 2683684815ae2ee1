import type { RolloutDetail } from "../../../api/configs";

/** What "before" and "after" mean for a rollout, and how uploads are counted. Pure. */

export interface Uploads {
  failed: number;
  all: number;
}

const LONGEST_MS = 3_600_000;
const SHORTEST_MS = 60_000;

/** Equal times before and after its begin: as long as it has been there, an hour at most. */
export function windows({ created_at, ended_at }: Pick<RolloutDetail, "created_at" | "ended_at">, nowMs: number) {
  const beganMs = Date.parse(created_at);
  const untilMs = ended_at === null ? nowMs : Math.min(nowMs, Date.parse(ended_at) + LONGEST_MS / 2);
  const lengthMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, untilMs - beganMs));
  return { beforeMs: beganMs - lengthMs, beganMs, lengthMs };
}

const FAILED: ReadonlySet<string> = new Set(["failed", "dead"]);
const DONE: ReadonlySet<string> = new Set(["done"]);

export function uploadsOf(statuses: readonly { value: string; count: number }[]): Uploads {
  const sum = (words: ReadonlySet<string>): number => statuses.reduce((all, { value, count }) => all + (words.has(value) ? count : 0), 0);
  const failed = sum(FAILED);
  return { failed, all: failed + sum(DONE) };
}
