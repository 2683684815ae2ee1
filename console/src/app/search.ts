import type { Language } from "../i18n/types";

/** What the address of every page says; invalid values are dropped. */
export interface FrameSearch {
  lang?: Language;
}

export const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((v) => typeof v === "string");

export function validateFrame(search: Record<string, unknown>): FrameSearch {
  const lang = texts(search["lang"])[0];
  return lang === "zh" || lang === "en" ? { lang } : {};
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
