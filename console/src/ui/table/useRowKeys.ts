import { useState } from "react";
import { type Binding, useKeys } from "../../app/keys";

interface Options {
  keys: readonly string[];
  /** Key of the open row. */
  sel: string | undefined;
  open: (key: string | undefined) => void;
  /** undefined = rows cannot be chosen. */
  toggle: ((key: string, range: boolean) => void) | undefined;
  opens: boolean;
  reveal: (index: number) => void;
}

/** J and K walk the filtered list, also while a detail is open; Enter and Escape open and close; X chooses. */
export function useRowKeys({ keys, sel, open, toggle, opens, reveal }: Options): string | undefined {
  const [walked, setWalked] = useState<string>();
  const active = sel !== undefined && keys.includes(sel) ? sel : walked;
  const step = (by: 1 | -1): void => {
    const at = active === undefined ? -1 : keys.indexOf(active);
    const next = at < 0 ? (by === 1 ? 0 : keys.length - 1) : Math.min(keys.length - 1, Math.max(0, at + by));
    const key = keys[next];
    if (key === undefined) return;
    setWalked(key);
    reveal(next);
    if (sel !== undefined) open(key);
  };
  const bindings: Binding[] = [
    { key: "j", label: "keys.next", run: () => step(1) },
    { key: "k", label: "keys.previous", run: () => step(-1) },
  ];
  if (opens) {
    bindings.push({ key: "Enter", label: "keys.open", run: () => active !== undefined && open(active) });
    if (sel !== undefined) bindings.push({ key: "Escape", label: "keys.close", run: () => open(undefined) });
  }
  if (toggle) {
    bindings.push({ key: "x", label: "keys.pick", run: () => active !== undefined && toggle(active, false) });
    bindings.push({ key: "shift+x", label: "keys.range", run: () => active !== undefined && toggle(active, true) });
  }
  useKeys(bindings);
  return active;
}
