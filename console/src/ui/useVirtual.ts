import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";

/** Rows drawn beyond each edge; ranges move in steps of this. */
const STEP = 10;

/** Which of equal rows lie in a scrolled box; pure. */
export function rangeOf(scrollTop: number, height: number, rowHeight: number, count: number): [from: number, to: number] {
  const first = Math.floor(scrollTop / rowHeight / STEP) * STEP - STEP;
  const last = Math.ceil((scrollTop + height) / rowHeight / STEP) * STEP + STEP;
  return [Math.min(Math.max(0, first), Math.max(0, count - STEP)), Math.min(count, Math.max(0, last))];
}

export interface Virtual {
  from: number;
  to: number;
  /** Bring a row into sight, in the middle if it is not. */
  reveal: (index: number) => void;
}

/** The part of `count` rows of one height that a box shows. */
export function useVirtual(box: RefObject<HTMLElement | null>, count: number, rowHeight: number): Virtual {
  const [[from, to], setRange] = useState<[number, number]>(() => [0, Math.min(count, 60)]);
  const measure = useCallback((): void => {
    const element = box.current;
    if (!element) return;
    const next = rangeOf(element.scrollTop, element.clientHeight, rowHeight, count);
    setRange((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
  }, [box, count, rowHeight]);
  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let frame = 0;
    const onScroll = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        measure();
      });
    };
    const watcher = new ResizeObserver(onScroll);
    watcher.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      watcher.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [box, measure]);
  const reveal = useCallback(
    (index: number): void => {
      const element = box.current;
      if (!element || index < 0) return;
      const top = index * rowHeight;
      const seen = top >= element.scrollTop && top + rowHeight <= element.scrollTop + element.clientHeight;
      if (!seen) element.scrollTop = Math.max(0, top - element.clientHeight / 2);
      measure();
    },
    [box, rowHeight, measure],
  );
  return { from: Math.min(from, Math.max(0, count)), to: Math.min(Math.max(to, from), count), reveal };
}
