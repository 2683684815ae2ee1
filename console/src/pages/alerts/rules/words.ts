import type { DocItem } from "../../../api/alertdocs";
import type { Document } from "../../../api/configs";
import type { Tone } from "../../../ui/Status";

/** Where documents of alerts stand. Pure. */

export type DocState = "published" | "disabled" | "draft" | "retired";

export const STATE_TONE: Readonly<Record<DocState, Tone>> = { published: "ok", disabled: "hold", draft: "run", retired: "mute" };

/** A document that is in force may be switched off in itself. */
export function stateOf({ published_version: version, enabled, state }: DocItem): DocState {
  if (version === null) return state === "retired" ? "retired" : "draft";
  return enabled === false ? "disabled" : "published";
}

export const textOf = (document: Document, key: string): string => (typeof document[key] === "string" ? (document[key] as string) : "");
