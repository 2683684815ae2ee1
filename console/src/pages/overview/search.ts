import { dropped, texts } from "../../app/search";
import type { FileState } from "../../api/client";
import { type Part, PARTS } from "./part";

/** What the address of the overview says; invalid values are dropped. */
export interface OverviewSearch {
  state?: FileState[] | undefined;
  q?: string | undefined;
  sel?: number | undefined;
  part?: Part | undefined;
}

export const FILE_STATES: readonly FileState[] = [
  "settling", "ready", "sending", "waiting", "done", "dead", "skipped", "vanished", "superseded",
];

export function validate(search: Record<string, unknown>): OverviewSearch {
  const state = FILE_STATES.filter((one) => texts(search["state"]).includes(one));
  const q = texts(search["q"])[0]?.slice(0, 500);
  const sel = Number(texts(search["sel"])[0] ?? search["sel"]);
  const part = PARTS.find((one) => texts(search["part"]).includes(one));
  return {
    ...dropped(["part", "state", "sel"], search),
    ...(part ? { part } : {}),
    ...(state.length ? { state } : {}),
    ...(q ? { q } : {}),
    ...(Number.isSafeInteger(sel) && sel > 0 ? { sel } : {}),
  };
}
