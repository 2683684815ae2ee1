/** What stands above a list while it scrolls: the header of the page and the names of the columns. */
const ABOVE = 46 + 30;

/** Bring a row into sight, whether it is drawn or not. */
export function scrollToRow(body: HTMLElement | null, index: number, rowHeight: number): void {
  if (!body || index < 0) return;
  const top = body.getBoundingClientRect().top + index * rowHeight;
  if (top < ABOVE) window.scrollBy({ top: top - ABOVE - rowHeight });
  else if (top + 2 * rowHeight > window.innerHeight) window.scrollBy({ top: top + 2 * rowHeight - window.innerHeight });
}
