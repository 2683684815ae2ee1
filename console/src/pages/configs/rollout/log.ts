import type { Move, Seat } from "../../../api/configs";
import type { Tone } from "../../../ui/Status";

/** What happened to a rollout, newest first: its moves, and the answers of agents that did not take it. Pure. */

export interface LogLine {
  key: string;
  at: string;
  tone: Tone;
  move?: Move;
  seat?: Seat;
}

const BAD: ReadonlySet<Seat["state"]> = new Set(["failed", "went_back", "timed_out"]);

/** Answers beyond this are counted elsewhere; the log stays readable. */
const MOST_ANSWERS = 50;

export function logOf(moves: readonly Move[], seats: readonly Seat[]): LogLine[] {
  const answers = seats
    .filter((seat) => BAD.has(seat.state) && seat.changed_at !== null)
    .toSorted((a, b) => (a.changed_at ?? "").localeCompare(b.changed_at ?? ""))
    .slice(0, MOST_ANSWERS)
    .map((seat): LogLine => ({ key: seat.agent_id, at: seat.changed_at ?? "", tone: "crit", seat }));
  const done = moves.map((move): LogLine => ({ key: String(move.seq), at: move.at, tone: toneOf(move), move }));
  return [...done, ...answers].toSorted((a, b) => b.at.localeCompare(a.at));
}

const STATUS_TONE: Record<string, Tone> = { completed: "ok", reverting: "warn", reverted: "crit", paused: "hold" };

function toneOf(move: Move): Tone {
  const status = move.changes.find((change) => change["path"] === "/status")?.["after"];
  return STATUS_TONE[String(status)] ?? "run";
}
