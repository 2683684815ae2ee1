import type { FileState } from "../api/client";
import type { Language } from "../i18n/types";

/** What the address of the overview says; invalid values are dropped. */
export interface OverviewSearch {
  state?: FileState[];
  q?: string;
  sel?: number;
  lang?: Language;
}

export const FILE_STATES: readonly FileState[] = [
  "settling", "ready", "sending", "waiting", "done", "dead", "skipped", "vanished", "superseded",
];

const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((v) => typeof v === "string");

export function validate(search: Record<string, unknown>): OverviewSearch {
  const state = FILE_STATES.filter((one) => texts(search["state"]).includes(one));
  const q = texts(search["q"])[0]?.slice(0, 500);
  const sel = Number(texts(search["sel"])[0] ?? search["sel"]);
  const lang = texts(search["lang"])[0];
  return {
    ...(state.length ? { state } : {}),
    ...(q ? { q } : {}),
    ...(Number.isSafeInteger(sel) && sel > 0 ? { sel } : {}),
    ...(lang === "zh" || lang === "en" ? { lang } : {}),
  };
}

/** Plain keys, repeated for lists: ?state=dead&state=waiting&q=app */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    found[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") out.append(key, String(one));
    }
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}
