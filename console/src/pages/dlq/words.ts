import type { Letter, LetterRun, Probe } from "../../api/dlq";
import type { I18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import type { Tone } from "../../ui/Status";

/** What states, verdicts and runs of dead letters look like and are called. */

export const LETTER_TONE: Readonly<Record<Letter["state"], Tone>> = { open: "crit", queued: "hold", replaying: "run", resolved: "ok", dropped: "mute" };
export const VERDICT_TONE: Readonly<Record<Probe["verdict"], Tone>> = { gone: "ok", still: "crit", unknown: "mute" };

export const classWord = (word: string, { language, t }: Pick<I18n, "language" | "t">): string =>
  word === "unreadable" ? t("dlq.class.unreadable") : wordOf(language, "class", word);

export const noteWord = (note: string, language: I18n["language"]): string => wordOf(language, "dlq.note", note);

/** Where the letters of a run are, those parts that are not nothing. */
export const RUN_PARTS = ["resolved", "dropped", "replaying", "queued", "failed_again", "refused"] as const;
export const RUN_TONE: Readonly<Record<(typeof RUN_PARTS)[number], Tone>> = {
  resolved: "ok", dropped: "mute", replaying: "run", queued: "hold", failed_again: "crit", refused: "warn",
};

/** Letters of a run that a later one took: they are counted there. */
export const takenLater = (run: LetterRun): number => Math.max(0, run.total - RUN_PARTS.reduce((all, part) => all + run[part], 0));

/** A run still moves: it hands out, or what it handed out is not done. */
export const isMoving = (run: LetterRun): boolean => run.ended_at === null || run.replaying > 0;

/** What was typed as the new content, when it is a JSON object. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The parts of an object that differ from before. */
export const changedParts = (before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value)));
