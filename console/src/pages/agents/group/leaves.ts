/** The values of a document by their keys, written as settings are: agent.transfer.workers. */
export function leavesOf(document: unknown, prefix = ""): Map<string, string> {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return new Map(prefix ? [[prefix, typeof document === "string" ? document : JSON.stringify(document)]] : []);
  }
  return new Map(Object.entries(document).flatMap(([key, value]) => [...leavesOf(value, prefix ? `${prefix}.${key}` : key)]));
}
