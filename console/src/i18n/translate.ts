import { en } from "./en";
import { formatBytes, formatCount, formatDuration } from "./format";
import { heldBy } from "./raw";
import { reasonTexts } from "./reasons";
import type { Args, Dictionary, Key, Language } from "./types";
import { zh } from "./zh";

const dictionaries: Record<Language, Dictionary> = { zh, en };

export type Translate = <K extends Key>(key: K, ...args: Args<K>) => string;

type Values = Record<string, string | number>;

/** Fill {name} and {name|one|many}; null when a name has no value. */
export function fill(text: string, values: Values, language: Language): string | null {
  let complete = true;
  const filled = text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) {
      complete = false;
      return "";
    }
    if (one !== undefined) return (Number(value) === 1 ? one : many) ?? "";
    return typeof value === "number" ? formatCount(value, language) : value;
  });
  return complete ? filled : null;
}

export function translator(language: Language): Translate {
  const dictionary = dictionaries[language];
  return (key, ...args) => fill(dictionary[key], args[0] ?? {}, language) ?? dictionary[key];
}

const has = (language: Language, key: string): key is Key => key in dictionaries[language];

/** Text of a key that is built from a server's word, or the word itself when we do not know it. */
export function wordOf(language: Language, prefix: string, word: string): string {
  const key = `${prefix}.${word}`;
  return has(language, key) ? dictionaries[language][key] : word;
}

/** Why something failed: a code of the server in words, with what was said after it; everything else as it was said. */
export function whyText(language: Language, said: string): string {
  const [code = said] = said.split(": ", 1);
  const word = wordOf(language, "why", code);
  if (word === code) return said;
  return code === said ? word : `${word}${dictionaries[language]["reason.join"]}${said.slice(code.length + 2)}`;
}

export interface ServerReason {
  code: string;
  params: Record<string, string>;
  message: string;
}

/** A failed attempt is told by its class: the code is failed_<class>. */
const FAILED = "failed_";

/** A reason in the reader's language, or the server's English when the code or a value is not known. */
export function reasonText(language: Language, told: ServerReason): string {
  const reason = apart(told);
  if (reason.code.startsWith(FAILED)) return wordOf(language, "class", reason.code.slice(FAILED.length));
  const text = reasonTexts[language][reason.code];
  if (text === undefined) return reason.message;
  const values = Object.fromEntries(Object.entries(reason.params).map(([k, v]) => [k, readable(language, k, v)]));
  return fill(text, values, language) ?? reason.message;
}

/** A breaker held by hand, with who and note apart as far as they are given. */
function apart(reason: ServerReason): ServerReason {
  const by = reason.code === "breaker_manual" ? heldBy(reason.params["why"] ?? "") : null;
  if (!by) return reason;
  const code = by.note ? "breaker_manual_noted" : "breaker_manual_by";
  return { ...reason, code, params: { ...reason.params, ...by } };
}

/** The raw message of a system behind a reason, for a second line; "" when the text says it all. */
export function rawOf({ code, params }: ServerReason): string {
  const why = params["why"] ?? params["problem"] ?? "";
  return code === "breaker_manual" && heldBy(why) ? "" : why;
}

/** Values that people chose: never read as numbers. */
const NAMES: ReadonlySet<string> = new Set(["store", "path", "who", "note"]);

/** Values come as text; their name tells the unit. */
function readable(language: Language, name: string, value: string): string | number {
  if (name === "error_class") return wordOf(language, "class", value);
  if (NAMES.has(name) || !/^\d+$/.test(value)) return value;
  if (name.endsWith("_bytes")) return formatBytes(Number(value));
  if (name.endsWith("_s")) return formatDuration(Number(value), translator(language));
  return Number(value);
}
