import type { zh } from "./zh";

export type Key = keyof typeof zh;
/** Keys whose text has no placeholder. */
export type PlainKey = { [K in Key]: [Names<(typeof zh)[K]>] extends [never] ? K : never }[Key];
export type Dictionary = Record<Key, string>;
export type Language = "zh" | "en";

/** The placeholder names of one text. */
export type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** Parameters of a key: none when its text has no placeholder. */
export type Args<K extends Key> = [Names<(typeof zh)[K]>] extends [never]
  ? []
  : [params: Record<Names<(typeof zh)[K]>, string | number>];
