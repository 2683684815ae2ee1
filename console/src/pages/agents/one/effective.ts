import type { AgentConfigView } from "../../../api/agents";

export interface OriginName {
  kind: "base" | "group" | "agent";
  /** Of the group. */
  name: string;
  /** Of the version. */
  number: number;
  /** Who wrote the version, and why. */
  why: string;
}

export interface ValueRow {
  pointer: string;
  value: string;
  origin: OriginName | null;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Every value of a configuration with its origin, in the order of its keys. */
export function rowsOf({ document, origins, layers, versions }: Pick<AgentConfigView, "document" | "origins" | "layers" | "versions">): ValueRow[] {
  const originOf = (pointer: string): OriginName | null => {
    const origin = origins[pointer];
    const layer = layers.find(({ layer_id }) => layer_id === origin?.layer_id);
    const version = versions.find(({ version_id }) => version_id === origin?.version_id);
    if (!layer || !version) return null;
    return { kind: layer.kind, name: layer.name || layer.subject, number: version.number, why: [version.author, version.reason].filter(Boolean).join(" · ") };
  };
  return Object.keys(origins)
    .toSorted()
    .map((pointer) => ({ pointer, value: textOf(at(document, pointer)), origin: originOf(pointer) }));
}

/** The value that a JSON pointer names; undefined = there is none. */
export function at(document: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, key) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined), document);
}
