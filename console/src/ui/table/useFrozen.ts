import { type HTMLAttributes, useCallback, useMemo, useState } from "react";
import { type Arranged, arrange, type Fresh } from "./frozen";

type Holding = "hover" | "focus";

export interface Frozen<T> extends Arranged<T> {
  /** Goes on what surrounds the list and its bar: the order is kept while the pointer or the focus is in there. */
  reading: Pick<HTMLAttributes<HTMLElement>, "onPointerEnter" | "onPointerLeave" | "onFocus" | "onBlur">;
  /** Take the new order once, although the reader is still there. */
  accept: () => void;
}

interface Which {
  /** Names the list: another filter is another list and is never held back. */
  list: string;
  /** The rows are still those of another list, until the answer comes. */
  placeholder: boolean;
  /** Something is chosen in it. */
  selected: boolean;
}

/** Keeps the order on screen while somebody reads; a range that moves with the clock is still the same list. */
export function useFrozen<T>({ rows: fresh, complete, keyOf }: Fresh<T>, { list, placeholder, selected }: Which): Frozen<T> {
  const [reasons, setReasons] = useState<ReadonlySet<string>>(new Set());
  const [held, setHeld] = useState<{ list: string; placeholder: boolean; rows: T[] } | null>(null);
  const reading = reasons.size > 0 || selected;
  const valid = held !== null && held.list === list && (placeholder || !held.placeholder);
  if (reading && !valid && fresh.length) setHeld({ list, placeholder, rows: fresh });
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
  const surroundings = useMemo<Frozen<T>["reading"]>(
    () => ({
      onPointerEnter: (event) => event.pointerType === "mouse" && hold("hover", true),
      onPointerLeave: () => hold("hover", false),
      onFocus: () => hold("focus", true),
      onBlur: () => hold("focus", false),
    }),
    [hold],
  );
  return { ...arranged, reading: surroundings, accept: () => setHeld({ list, placeholder, rows: fresh }) };
}
