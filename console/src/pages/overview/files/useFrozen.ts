import { useState } from "react";
import { type Arranged, arrange } from "./frozen";

export interface Frozen<T> extends Arranged<T> {
  /** Keep or release the order; what is on screen now is what is kept. */
  hold: (reason: "hover" | "focus", active: boolean) => void;
  /** Take the new order once, although the reader is still there. */
  accept: () => void;
}

/** `key` names the list: another filter is another list and is never held back. */
export function useFrozen<T extends { id: number; path: string }>(fresh: T[], complete: boolean, key: string, selected: boolean): Frozen<T> {
  const [reasons, setReasons] = useState<ReadonlySet<string>>(new Set());
  const [held, setHeld] = useState<{ key: string; rows: T[] } | null>(null);
  const reading = reasons.size > 0 || selected;
  const valid = held !== null && held.key === key;
  if (reading && !valid && fresh.length) setHeld({ key, rows: fresh });
  if (!reading && held !== null) setHeld(null);
  const arranged = arrange(reading && valid ? held.rows : null, fresh, complete);
  return {
    ...arranged,
    hold: (reason, active) =>
      setReasons((old) => {
        if (old.has(reason) === active) return old;
        const next = new Set(old);
        if (active) next.add(reason);
        else next.delete(reason);
        return next;
      }),
    accept: () => setHeld({ key, rows: fresh }),
  };
}
