import { useCallback, useMemo, useState } from "react";
import { type Arranged, arrange, type Fresh } from "./frozen";

export type Holding = "hover" | "focus" | "scroll";

export interface Frozen<T> extends Arranged<T> {
  /** Keep or release the order; what is on screen now is what is kept. */
  hold: (reason: Holding, active: boolean) => void;
  /** Take the new order once, although the reader is still there. */
  accept: () => void;
}

/** `list` names the list: another filter is another list and is never held back; `selected` = something is chosen in it. */
export function useFrozen<T>({ rows: fresh, complete, keyOf }: Fresh<T>, list: string, selected: boolean): Frozen<T> {
  const [reasons, setReasons] = useState<ReadonlySet<string>>(new Set());
  const [held, setHeld] = useState<{ list: string; rows: T[] } | null>(null);
  const reading = reasons.size > 0 || selected;
  const valid = held !== null && held.list === list;
  if (reading && !valid && fresh.length) setHeld({ list, rows: fresh });
  if (!reading && held !== null) setHeld(null);
  const kept = reading && valid ? held.rows : null;
  const arranged = useMemo(() => arrange(kept, { rows: fresh, complete, keyOf }), [kept, fresh, complete, keyOf]);
  const hold = useCallback(
    (reason: Holding, active: boolean) =>
      setReasons((old) => {
        if (old.has(reason) === active) return old;
        const next = new Set(old);
        if (active) next.add(reason);
        else next.delete(reason);
        return next;
      }),
    [],
  );
  return { ...arranged, hold, accept: () => setHeld({ list, rows: fresh }) };
}
