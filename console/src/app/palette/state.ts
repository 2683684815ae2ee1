import { useEffect, useSyncExternalStore } from "react";
import type { IconName } from "../../ui/Icon";
import { keep, kept } from "../kept";

/** What the command palette offers besides pages: actions of the page on screen, and what was opened lately. */

export interface Command {
  id: string;
  label: string;
  icon?: IconName;
  run: () => void;
}

let commands: readonly Command[] = [];
const listeners = new Set<() => void>();
const askers = new Set<() => void>();

const tell = (): void => listeners.forEach((listener) => listener());

/** Offer actions on what the page shows, while it shows it. */
export function useCommands(offered: readonly Command[]): void {
  useEffect(() => {
    commands = [...commands, ...offered];
    tell();
    return () => {
      commands = commands.filter((one) => !offered.includes(one));
      tell();
    };
  }, [offered]);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useOfferedCommands = (): readonly Command[] => useSyncExternalStore(subscribe, () => commands);

/** Ask for the palette, from wherever. */
export const askPalette = (): void => askers.forEach((asker) => asker());

export function onPaletteAsked(asker: () => void): () => void {
  askers.add(asker);
  return () => askers.delete(asker);
}

/** Something that was looked at: shown first when the palette opens. */
export interface Recent {
  title: string;
  path: string;
}

const STORE = "gwf.recent";
const MOST = 8;

export function recents(): Recent[] {
  const stored = kept(STORE);
  return Array.isArray(stored) ? stored.filter(isRecent).slice(0, MOST) : [];
}

const isRecent = (value: unknown): value is Recent =>
  typeof value === "object" && value !== null && "title" in value && typeof value.title === "string" &&
  "path" in value && typeof value.path === "string" && value.path.startsWith("/");

/** Remember what a detail page shows. */
export function useRecent(title: string | undefined, path: string): void {
  useEffect(() => {
    if (!title) return;
    const others = recents().filter((one) => one.path !== path);
    keep(STORE, [{ title, path }, ...others].slice(0, MOST));
  }, [title, path]);
}
