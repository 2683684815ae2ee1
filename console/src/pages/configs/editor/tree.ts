import type { Json, Setting } from "../../../api/configs";
import { isBlock } from "../../../ui/edit/places";

/** Reads and changes places of a document, as the form does it. Pure. */

export { type Place, pointerOf, valueAt, withValue } from "../../../ui/edit/places";

/** What somebody typed as the value of a setting; "" = not set. Numbers become numbers, the server judges the rest. */
export function parsed(setting: Setting, typed: string): Json | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  switch (setting.kind) {
    case "whole number":
    case "number":
      return /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "true or false":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return typed.split("\n").map((line) => line.trim()).filter(Boolean);
    default:
      return text;
  }
}

/** A value as its control shows it; null = no control can. */
export function typedOf(setting: Setting, value: Json | undefined): string | null {
  if (value === undefined || value === null) return "";
  if (setting.kind === "list") {
    return Array.isArray(value) && value.every((item) => typeof item !== "object") ? value.map(String).join("\n") : null;
  }
  return typeof value === "object" ? null : String(value);
}

/** Blocks of keys under a list or a map. */
export const holdsBlocks = (setting: Setting): boolean => setting.item?.kind === "section";

/** How many values below a place are set. */
export function countOf(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (Array.isArray(value)) return value.some((item) => isBlock(item)) ? value.reduce<number>((sum, item) => sum + countOf(item), 0) : 1;
  return isBlock(value) ? Object.values(value).reduce<number>((sum, item) => sum + countOf(item), 0) : 1;
}

/** The default of a setting in words; null = none. */
export function defaultOf({ default: value }: Setting): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length ? value.join(" · ") : null;
  return typeof value === "object" ? null : String(value);
}
