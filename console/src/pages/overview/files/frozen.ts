/** Rows that are being read stay where they are: new values come in place, changes of order wait. */

interface Identified {
  id: number;
  path: string;
}

/** Files that are not queued yet have no id of their own (theirs is negative and changes): the path names them. */
export const keyOf = ({ id, path }: Identified): string => (id > 0 ? String(id) : path);

export interface Arranged<T> {
  rows: T[];
  /** Keys that are shown but are no longer in the list. */
  gone: ReadonlySet<string>;
  /** Rows that came, went or moved since the order was frozen. */
  changes: number;
}

/**
 * @param held the rows as shown when reading began, null = not frozen
 * @param fresh the rows as they are now
 * @param complete whether `fresh` is the whole list, so that a missing row is really gone
 */
export function arrange<T extends Identified>(held: T[] | null, fresh: T[], complete: boolean): Arranged<T> {
  if (held === null) return { rows: fresh, gone: new Set(), changes: 0 };
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
    const at = tails.findIndex((tail) => tail >= index);
    if (at < 0) tails.push(index);
    else tails[at] = index;
  }
  return tails.length;
}
