/** What this browser keeps for its reader, as JSON; where storage is off, full or foreign, things hold for the visit. */

type Where = "browser" | "tab";

const places: Readonly<Record<Where, () => Storage>> = { browser: () => localStorage, tab: () => sessionStorage };

/** What was kept under a name; undefined = nothing, or nothing that can be read. */
export function kept(name: string, where: Where = "browser"): unknown {
  try {
    const text = places[where]().getItem(name);
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Keep a value under a name; undefined = forget it. */
export function keep(name: string, value: unknown, where: Where = "browser"): void {
  try {
    if (value === undefined) places[where]().removeItem(name);
    else places[where]().setItem(name, JSON.stringify(value));
  } catch {
    // it holds for this visit
  }
}

/** What was kept when it is an object, else an empty one. */
export function keptObject(name: string): Record<string, unknown> {
  const value = kept(name);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
