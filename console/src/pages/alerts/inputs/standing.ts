import type { Input } from "../../../api/inputs";
import type { Tone } from "../../../ui/Status";

export type Standing = "ok" | "quiet" | "refusing" | "off" | "crashed";

export const STANDING_TONE: Readonly<Record<Standing, Tone>> = { ok: "ok", quiet: "mute", refusing: "warn", off: "mute", crashed: "crit" };

/** How an input does: what it could not take is told until something comes in well again. */
export function standingOf({ state, last_event_at: well, last_error_at: bad }: Pick<Input, "state" | "last_event_at" | "last_error_at">): Standing {
  if (state !== "on") return state;
  if (bad !== null && (well === null || Date.parse(bad) >= Date.parse(well))) return "refusing";
  return well === null ? "quiet" : "ok";
}
