/** Moves in a list. Pure. */

/** The list with the item at one place put at another; a place outside is the nearest end. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from];
  const place = Math.max(0, Math.min(list.length - 1, to));
  if (item === undefined || place === from) return [...list];
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(place, 0, item);
}

/** Where a key moves the item at a place; undefined = it is no such key. */
export function placeFor(key: string, at: number, count: number): number | undefined {
  const places: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - 10, PageDown: at + 10, Home: 0, End: count - 1 };
  const place = places[key];
  return place === undefined ? undefined : Math.max(0, Math.min(count - 1, place));
}

/** The wanted order over the rules that are in force now: rules that went are left out, new ones stand where they would. */
export function merged(wanted: readonly string[], now: readonly string[]): string[] {
  const known = new Set(now);
  const kept = wanted.filter((id) => known.has(id));
  const placed = new Set(kept);
  const order = [...kept];
  now.forEach((id, at) => {
    if (placed.has(id)) return;
    const before = now.slice(0, at).findLast((one) => order.includes(one));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  });
  return order;
}
