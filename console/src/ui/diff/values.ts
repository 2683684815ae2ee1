/** Values of a document as people read them in a diff. Pure. */

/** How the server shows a secret that it does not give away. */
export const MASK = "******";

export interface FieldChange {
  /** JSON pointer. */
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
  /** What it is called; none = by its path. */
  name?: string;
}

/** `/agent/watch/0/key` → agent.watch[0].key, as configuration files are spoken of. */
export function dotted(pointer: string): string {
  const parts = pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.reduce((text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text ? `${text}.${part}` : part), "");
}

/** A secret stands behind it: both sides may look alike although they differ. */
export const isMasked = (value: unknown): boolean =>
  value === MASK || (Array.isArray(value) && value.some(isMasked)) ||
  (typeof value === "object" && value !== null && Object.values(value).some(isMasked));

/** One value on one line: text as it is, everything else as JSON. */
export function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value.join(" · ");
  return JSON.stringify(value, null, 0) ?? "";
}

/** Both sides of what an audit entry or a diff of versions tells. */
export const changeOf = (path: string, sides: { before?: unknown; after?: unknown }): FieldChange => ({
  path,
  kind: !("before" in sides) ? "added" : !("after" in sides) ? "removed" : "changed",
  before: sides.before,
  after: sides.after,
});

/** Each value of a document as one that goes. */
export function removalsOf(document: unknown, path = ""): FieldChange[] {
  if (typeof document === "object" && document !== null && !Array.isArray(document)) {
    return Object.entries(document).flatMap(([key, value]) => removalsOf(value, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  }
  return path ? [{ path, kind: "removed", before: document, after: undefined }] : [];
}
