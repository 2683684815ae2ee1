const MARGIN_PX = 16;

/** Scrolls a row sideways, if it is wider than the window, so that what is chosen in it can be seen. */
export function inView(row: HTMLElement | null, chosen: string): void {
  const part = row?.querySelector<HTMLElement>(chosen);
  if (!row || !part) return;
  row.scrollLeft = Math.max(0, part.offsetLeft + part.offsetWidth + MARGIN_PX - row.offsetLeft - row.clientWidth);
}
