import { useSyncExternalStore } from "react";
import type { Language } from "../i18n/types";

/** What a reader chose on this browser. */
export interface Prefs {
  theme: "system" | "light" | "dark";
  density: "compact" | "comfortable";
  language: Language | null;
}

const STORE = "gwf.prefs"; // boot.js reads the same entry
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function stored(): Partial<Record<keyof Prefs, unknown>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {}; // storage switched off or foreign content: the defaults hold
  }
}

function pick<T>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((one) => one === value) ?? fallback;
}

function read(): Prefs {
  const { theme, density, language } = stored();
  return {
    theme: pick(theme, ["system", "light", "dark"] as const, "system"),
    density: pick(density, ["compact", "comfortable"] as const, "compact"),
    language: pick<Language | null>(language, ["zh", "en"], null),
  };
}

let current = read();
let dark = isDark(current);

function isDark(prefs: Prefs): boolean {
  return prefs.theme === "dark" || (prefs.theme === "system" && systemDark.matches);
}

function apply(): void {
  dark = isDark(current);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  document.documentElement.dataset["density"] = current.density;
  for (const listener of listeners) listener();
}

systemDark.addEventListener("change", apply);

export function setPrefs(change: Partial<Prefs>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORE, JSON.stringify(current));
  } catch {
    // storage switched off: the choice holds for this visit
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePrefs = (): Prefs => useSyncExternalStore(subscribe, () => current);
export const useDark = (): boolean => useSyncExternalStore(subscribe, () => dark);
