import { useSyncExternalStore } from "react";
import { RequestError } from "../api/client";
import { useI18n } from "../i18n/context";
import { wordOf } from "../i18n/translate";
import { Copy } from "./Copy";
import { Icon } from "./Icon";
import { Status } from "./Status";

/** Short words about what was done, with a way back for ten seconds; failures stay until they are closed. */

interface Item {
  id: number;
  tone: "ok" | "crit";
  text?: string;
  error?: unknown;
  undo?: () => Promise<unknown>;
}

const SHOWN_MS = 4_000;
/** How long what can be undone may be undone. */
export const UNDO_MS = 10_000;

let items: readonly Item[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Item[]): void {
  items = next;
  for (const listener of listeners) listener();
}

function show(item: Omit<Item, "id">, lastsMs: number | null): void {
  const id = ++last;
  set([...items.slice(-3), { ...item, id }]);
  if (lastsMs !== null) setTimeout(() => drop(id), lastsMs);
}

const drop = (id: number): void => set(items.filter((item) => item.id !== id));

export const Toast = {
  /** It is done. */
  done: (text: string): void => show({ tone: "ok", text }, SHOWN_MS),
  /** It is done and can be taken back. */
  undoable: (text: string, undo: () => Promise<unknown>): void => show({ tone: "ok", text, undo }, UNDO_MS),
  /** It failed. */
  failed: (error: unknown): void => show({ tone: "crit", error }, null),
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The place of the toasts; read out when one comes. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => items);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => (
        <One key={item.id} item={item} />
      ))}
    </div>
  );
}

function One({ item }: { item: Item }) {
  const { t, language } = useI18n();
  const known = item.error instanceof RequestError ? item.error : null;
  const code = known?.code ?? "internal";
  const word = wordOf(language, "error", code);
  const text = item.text ?? (word === code ? t("error.other", { code }) : word);
  const { undo } = item;
  return (
    <div className="toast">
      <Status tone={item.tone} bare>
        {t(item.tone === "ok" ? "toast.done" : "toast.failed")}
      </Status>
      <span className="grow">
        {text}
        {known?.requestId && (
          <span className="row dim small">
            {t("error.id", { id: known.requestId })}
            <Copy text={known.requestId} what={known.requestId} />
          </span>
        )}
      </span>
      {undo && (
        <button
          type="button"
          className="button small"
          onClick={() => {
            drop(item.id);
            undo().then(() => Toast.done(t("toast.undone")), Toast.failed);
          }}
        >
          {t("toast.undo")}
          <i className="countdown" aria-hidden="true" />
        </button>
      )}
      <button type="button" className="button ghost small square" aria-label={t("toast.close")} onClick={() => drop(item.id)}>
        <Icon name="x" size={13} />
      </button>
    </div>
  );
}
