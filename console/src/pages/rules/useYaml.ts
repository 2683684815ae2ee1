import type { Document } from "../../api/configs";
import { useCheck } from "./useCheck";

/** A rule as YAML, as the server writes it; undefined to readers who may not ask it to. */
export function useYaml(rule: Document): string | undefined {
  return useCheck(undefined, rule)?.text;
}
