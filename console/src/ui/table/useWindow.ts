import { type RefObject, useEffect, useLayoutEffect, useState } from "react";

/** Lists shorter than this are drawn whole: nothing is gained by leaving rows out. */
const WHOLE = 120;
/** Rows drawn beyond each edge of the window; ranges move in steps of this. */
const STEP = 10;

export interface Visible {
  from: number;
  to: number;
  rowHeight: number;
}

/** Which rows lie in the window, from where the body of the table is; pure. */
export function visibleRange(top: number, height: number, rowHeight: number, count: number): [from: number, to: number] {
  if (count <= WHOLE) return [0, count];
  const first = Math.floor(-top / rowHeight / STEP) * STEP - STEP;
  const last = Math.ceil((height - top) / rowHeight / STEP) * STEP + STEP;
  return [Math.min(Math.max(0, first), Math.max(0, count - STEP)), Math.min(count, Math.max(STEP, last))];
}

/** The part of `count` equal rows that is drawn; `whole` draws all, for rows of unequal height. */
export function useWindow(body: RefObject<HTMLTableSectionElement | null>, count: number, whole: boolean): Visible {
  const [[from, to], setRange] = useState<[number, number]>([0, Math.min(count, WHOLE)]);
  const [rowHeight, setRowHeight] = useState(30);
  useLayoutEffect(() => {
    const row = body.current?.querySelector<HTMLElement>("tr[data-row]");
    if (row && row.offsetHeight > 0 && row.offsetHeight !== rowHeight) setRowHeight(row.offsetHeight);
  });
  useEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top;
      if (top === undefined) return;
      const next: [number, number] = whole ? [0, count] : visibleRange(top, window.innerHeight, rowHeight, count);
      setRange((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
    };
    const onMove = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    window.addEventListener("scroll", onMove, { passive: true });
    window.addEventListener("resize", onMove);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", onMove);
      window.removeEventListener("resize", onMove);
    };
  }, [body, count, rowHeight, whole]);
  return { from: Math.min(from, Math.max(0, count - 1)), to: Math.min(to, count), rowHeight };
}
