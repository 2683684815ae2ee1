import { useEffect, useRef, useSyncExternalStore } from "react";
import type { PlainKey } from "../i18n/types";

/** Keys: pages and parts name what they do, the newest binding of a key wins, `?` lists what is bound. */

export interface Binding {
  /** As `KeyboardEvent.key`, lower case for letters: "j", "Enter", "?", "mod+k", "shift+x"; "g o" is pressed in turn. */
  key: string;
  /** What it does, for the list of keys; none = not listed. */
  label?: PlainKey;
  run: (event: KeyboardEvent) => void;
}

interface Layer {
  bindings: Binding[];
}

const CHORD_MS = 1_500;
let layers: readonly Layer[] = [];
let enabled = true;
let leader: { key: string; at: number } | null = null;
const listeners = new Set<() => void>();

const tell = (): void => listeners.forEach((listener) => listener());

/** Keys of one letter can be switched off; combinations with Ctrl or ⌘ and Escape stay. */
export function enableLetters(on: boolean): void {
  enabled = on;
}

/** Whether keys belong to what the focus is in. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** The name of a pressed key, as bindings write it. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string | null {
  if (event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `mod+${key}`;
  return event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key;
}

const find = (name: string): Binding | undefined =>
  layers.toReversed().flatMap(({ bindings }) => bindings).find(({ key }) => key === name);

const leads = (name: string): boolean =>
  layers.some(({ bindings }) => bindings.some(({ key }) => key.startsWith(`${name} `)));

/** A dialog over the page keeps the keys from the page; a drawer beside a list does not. */
const isCovered = (): boolean => document.querySelector(".ant-modal-wrap") !== null;

function onKey(event: KeyboardEvent): void {
  const name = nameOf(event);
  if (name === null || event.defaultPrevented || event.isComposing) return;
  const combined = name.startsWith("mod+");
  if (!combined && (!enabled || isTyping(event.target) || isCovered())) return;
  const now = Date.now();
  const pending = leader !== null && now - leader.at < CHORD_MS ? leader.key : null;
  leader = null;
  const binding = (pending !== null ? find(`${pending} ${name}`) : undefined) ?? find(name);
  if (binding) {
    // Enter and Space belong to the button or link they are pressed on
    if (name === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button, summary")) return;
    event.preventDefault();
    binding.run(event);
  } else if (leads(name)) leader = { key: name, at: now };
}

if (typeof document !== "undefined") document.addEventListener("keydown", onKey);

/** Bind keys while the component is on the page. */
export function useKeys(bindings: Binding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const names = bindings.map(({ key }) => key).join("\n");
  useEffect(() => {
    const bound = latest.current.map(({ key, label }, index) => ({
      key,
      ...(label ? { label } : {}),
      run: (event: KeyboardEvent) => latest.current[index]?.run(event),
    }));
    const layer = { bindings: bound };
    layers = [...layers, layer];
    tell();
    return () => {
      layers = layers.filter((one) => one !== layer);
      tell();
    };
  }, [names]);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** What keys do here, the page's own first. */
export function useBoundKeys(): Binding[] {
  const bound = useSyncExternalStore(subscribe, () => layers);
  const seen = new Set<string>();
  return bound.toReversed().flatMap(({ bindings }) =>
    bindings.filter(({ key, label }) => label !== undefined && !seen.has(key) && seen.add(key)),
  );
}
