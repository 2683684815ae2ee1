/** Rows that are being read stay where they are: new values come in place, changes of order wait. */

export interface Arranged<T> {
  rows: T[];
  /** Keys that are shown but are no longer in the list. */
  gone: ReadonlySet<string>;
  /** Rows that came, went or moved since the order was frozen. */
  changes: number;
}

export interface Fresh<T> {
  /** The rows as they are now. */
  rows: T[];
  /** They are the whole list, so that a missing row is really gone. */
  complete: boolean;
  keyOf: (row: T) => string;
}

/** @param held the rows as shown when reading began, null = not frozen */
export function arrange<T>(held: T[] | null, { rows: fresh, complete, keyOf }: Fresh<T>): Arranged<T> {
  if (held === null || held === fresh) return { rows: fresh, gone: new Set(), changes: 0 };
  const now = new Map(fresh.map((row) => [keyOf(row), row]));
  const shown = new Set(held.map(keyOf));
  const gone = new Set(complete ? held.filter((row) => !now.has(keyOf(row))).map(keyOf) : []);
  const stayed = held.filter((row) => now.has(keyOf(row))).map(keyOf);
  const order = fresh.filter((row) => shown.has(keyOf(row))).map(keyOf);
  const moved = order.length - longestCommonOrder(stayed, order);
  // what follows the last held row is a further page, asked for by the reader: it may be shown at once
  const lastShown = fresh.findLastIndex((row) => shown.has(keyOf(row)));
  const below = fresh.slice(lastShown + 1);
  const above = fresh.slice(0, lastShown + 1).filter((row) => !shown.has(keyOf(row))).length;
  return {
    rows: [...held.map((row) => now.get(keyOf(row)) ?? row), ...below],
    gone,
    changes: above + moved + gone.size,
  };
}

/** Length of the longest run of ids that keep their order: the others have moved. */
function longestCommonOrder(before: string[], after: string[]): number {
  const place = new Map(before.map((id, index) => [id, index]));
  const tails: number[] = [];
  for (const id of after) {
    const index = place.get(id) ?? 0;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tails[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    tails[low] = index;
  }
  return tails.length;
}
