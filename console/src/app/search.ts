import type { Language } from "../i18n/types";
import { isInstant } from "./range";

/** What the address of every page says: the scope, the time range and the language; invalid values are dropped. */
export interface FrameSearch {
  lang?: Language | undefined;
  env?: string | undefined;
  group?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** These follow the reader from page to page. */
export const FRAME_KEYS = ["lang", "env", "group", "from", "to"] as const;

const MAX_CHARS = 200;

export const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((v) => typeof v === "string");

/** One short text of the address; undefined when there is none. */
export const text = (value: unknown, max = MAX_CHARS): string | undefined => texts(value)[0]?.slice(0, max) || undefined;

/** Each of `keys` that the address has, as undefined. */
export const dropped = <K extends string>(keys: readonly K[], search: Record<string, unknown>): { [key in K]?: undefined } =>
  Object.fromEntries(keys.filter((key) => key in search).map((key) => [key, undefined])) as { [key in K]?: undefined };

export function validateFrame(search: Record<string, unknown>): FrameSearch {
  const lang = texts(search["lang"])[0];
  const [env, group, from, to] = [text(search["env"]), text(search["group"]), text(search["from"]), text(search["to"])];
  const ranged = from !== undefined && isInstant(from);
  return {
    // the router keeps what a validator does not mention: what is dropped must be named
    ...dropped(FRAME_KEYS, search),
    ...(lang === "zh" || lang === "en" ? { lang } : {}),
    ...(env ? { env } : {}),
    ...(group ? { group } : {}),
    ...(ranged ? { from, to: to !== undefined && isInstant(to) ? to : "now" } : {}),
  };
}

/** What a list says in the address, besides the frame: text, filters, order, open row, saved view. */
export type ListSearch<F extends string = string> = {
  q?: string | undefined;
  sort?: string | undefined;
  sel?: string | undefined;
  view?: string | undefined;
} & { [K in F]?: string[] | undefined };

/** Values that filters may have, by their keys; a filter that is not named has values that only the server knows. */
export type Closed<F extends string> = Partial<Record<F, readonly string[]>>;

/** Read a list's part of the address; give it to `validateSearch` of the route, with the keys of its filters. */
export function validateList<F extends string>(
  filters: readonly F[],
  sorts: readonly string[] = [],
  closed: Closed<F> = {},
): (search: Record<string, unknown>) => ListSearch<F> {
  return (search) => {
    const found: Record<string, string | string[] | undefined> = dropped([...filters, "q", "sort", "sel", "view"], search);
    for (const key of filters) {
      const some = [...new Set(texts(search[key]).map((value) => value.slice(0, MAX_CHARS)))].filter(Boolean);
      const values = some.filter((value) => closed[key]?.includes(value) ?? true);
      if (values.length) found[key] = values;
    }
    const sort = text(search["sort"]);
    if (sort && sorts.includes(sort.replace(/^-/, ""))) found["sort"] = sort;
    for (const key of ["q", "sel", "view"] as const) {
      const value = text(search[key], 500);
      if (value) found[key] = value;
    }
    return found as ListSearch<F>;
  };
}

/** A word of the address that is one of a few; undefined for any other. */
export const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((one) => one === texts(value)[0]);

/** What an address says that its page did not take: the router keeps keys that no page knows as they are. */
export function lostOf(asked: Record<string, string | string[]>, taken: Record<string, unknown>): [key: string, value: string][] {
  return Object.entries(asked).flatMap(([key, value]) => {
    const kept = new Set((Array.isArray(taken[key]) ? taken[key] : [taken[key]]).map(String));
    return texts(value).filter((one) => one !== "" && !kept.has(one)).map((one): [string, string] => [key, one]);
  });
}

/** Plain keys, repeated for lists: ?state=dead&state=waiting&q=app */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    found[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") out.append(key, String(one));
    }
  }
  const text = out.toString();
  return text ? `?${text}` : "";
}
