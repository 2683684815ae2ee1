import { useSyncExternalStore } from "react";
import { setZone } from "../i18n/format";
import type { Language } from "../i18n/types";
import { keep, keptObject } from "./kept";
import { enableLetters } from "./keys";

/** What a reader chose on this browser. */
export interface Prefs {
  theme: "system" | "light" | "dark";
  density: "compact" | "comfortable";
  language: Language | null;
  /** Times are told in the browser's zone or in UTC. */
  zone: "local" | "utc";
  /** Keys of a single letter do something. */
  keys: "on" | "off";
}

const STORE = "gwf.prefs"; // boot.js reads the same entry
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function pick<T>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((one) => one === value) ?? fallback;
}

function read(): Prefs {
  const { theme, density, language, zone, keys } = keptObject(STORE);
  return {
    theme: pick(theme, ["system", "light", "dark"] as const, "system"),
    density: pick(density, ["compact", "comfortable"] as const, "compact"),
    language: pick<Language | null>(language, ["zh", "en"], null),
    zone: pick(zone, ["local", "utc"] as const, "local"),
    keys: pick(keys, ["on", "off"] as const, "on"),
  };
}

let current = read();
settle(current);
let dark = isDark(current);

function isDark(prefs: Prefs): boolean {
  return prefs.theme === "dark" || (prefs.theme === "system" && systemDark.matches);
}

function settle({ zone, keys }: Prefs): void {
  setZone(zone);
  enableLetters(keys === "on");
}

function apply(): void {
  settle(current);
  dark = isDark(current);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  document.documentElement.dataset["density"] = current.density;
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);

export function setPrefs(change: Partial<Prefs>): void {
  current = { ...current, ...change };
  keep(STORE, current);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePrefs = (): Prefs => useSyncExternalStore(subscribe, () => current);
export const useDark = (): boolean => useSyncExternalStore(subscribe, () => dark);
