import type { Move, RolloutWork } from "../../../api/configs";
import type { Translate } from "../../../i18n/translate";
import type { Marker } from "../../../ui/stack/model";
import type { Tone } from "../../../ui/Status";

/** What is compared and marked on the course of uploads around a rollout. Pure. */

type Sums = Pick<RolloutWork["before"], "done" | "failed_attempts">;

export const secondsOf = (at: string): number => Date.parse(at) / 1000;
export const filesPerMin = (done: number, seconds: number): number => (seconds > 0 ? (done * 60) / seconds : 0);
export const bytesPerS = (bytes: number, seconds: number): number => (seconds > 0 ? bytes / seconds : 0);

/** Half a point more of a hundred attempts is no accident of a few files. */
const NOTABLE = 0.005;

const share = ({ done, failed_attempts: failed }: Sums): number => (done + failed ? failed / (done + failed) : 0);

/** More of what was tried fails than before. */
export const isWorse = (before: Sums, after: Sums): boolean => after.failed_attempts > 0 && share(after) > share(before) + NOTABLE;

const TONE: Record<string, Tone> = { completed: "ok", reverting: "warn", reverted: "crit", paused: "hold", running: "run" };

const afterOf = (move: Move, path: string): unknown => move.changes.find((change) => change["path"] === path)?.["after"];

/** Its begin, its waves and its turns as vertical lines. */
export function markersOf({ began_at }: Pick<RolloutWork, "began_at">, moves: readonly Move[], t: Translate): Marker[] {
  const begin: Marker = { id: "begin", at: secondsOf(began_at), label: t("rollout.move.wave", { wave: 1 }), tone: "run" };
  const later = moves
    .filter(({ action }) => action !== "rollout.create")
    .flatMap((move): Marker[] => {
      const at = secondsOf(move.at);
      const status = afterOf(move, "/status");
      if (typeof status === "string" && status in TONE) {
        return [{ id: String(move.seq), at, label: t(`rollout.status.${status as "running"}`), tone: TONE[status] ?? "run" }];
      }
      const wave = afterOf(move, "/wave");
      return typeof wave === "number" ? [{ id: String(move.seq), at, label: t("rollout.move.wave", { wave: wave + 1 }), tone: "run" }] : [];
    });
  return [begin, ...later.toSorted((a, b) => a.at - b.at)];
}
