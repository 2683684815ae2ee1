import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../app/root";
import { dropped, oneOf, text, texts, validateList } from "../../app/search";

/** Filters of a directory's list. */
export const LIST_FILTERS = ["failed", "state", "error_class", "size", "age", "auto"] as const;
export const LIST_SORTS = ["name", "size", "modified", "state", "attempts"] as const;
export const ENCODINGS = ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "latin-1"] as const;
export type EncodingName = (typeof ENCODINGS)[number];
export const LEVELS = ["error", "warn", "info", "debug"] as const;
export const CONTEXTS = [0, 1, 2, 5, 10] as const;
export const USUAL_CONTEXT = 1;

const list = validateList(LIST_FILTERS, LIST_SORTS);
const PARTS = ["line", "find", "re", "case", "wrap", "level", "ctx", "enc"] as const;
const isOn = (value: unknown): boolean => texts(value)[0] === "1";

export type FilesSearch = ReturnType<typeof list> & {
  agent?: string | undefined;
  path?: string | undefined;
  /** Of a file: the line that a link names. */
  line?: number | undefined;
  /** Of a file: search instead of its end; `q` is what for. */
  find?: "1" | undefined;
  re?: "1" | undefined;
  case?: "1" | undefined;
  level?: string[] | undefined;
  ctx?: number | undefined;
  wrap?: "1" | undefined;
  /** How its bytes are read; none = as the agent finds. */
  enc?: EncodingName | undefined;
};

/** What the address says of files; whatever else stands there, or is none of the values, is left out. */
export function readSearch(search: Record<string, unknown>): FilesSearch {
  const agent = text(search["agent"], 100);
  const path = text(search["path"], 4_096);
  const line = Number(texts(search["line"])[0] ?? search["line"]);
  const level = texts(search["level"]).filter((one) => (LEVELS as readonly string[]).includes(one));
  const enc = oneOf(search["enc"], ENCODINGS);
  const ctx = CONTEXTS.find((one) => String(one) === String(search["ctx"]));
  return {
    ...list(search),
    ...dropped(PARTS, search),
    ...(agent ? { agent } : {}),
    ...(path ? { path } : {}),
    ...(Number.isSafeInteger(line) && line > 0 ? { line } : {}),
    ...(isOn(search["find"]) ? { find: "1" as const } : {}),
    ...(isOn(search["re"]) ? { re: "1" as const } : {}),
    ...(isOn(search["case"]) ? { case: "1" as const } : {}),
    ...(isOn(search["wrap"]) ? { wrap: "1" as const } : {}),
    ...(level.length ? { level } : {}),
    ...(enc ? { enc } : {}),
    ...(ctx !== undefined ? { ctx } : {}),
  };
}

export const filesRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/files",
    component: lazyRouteComponent(() => import("./FilesPage"), "FilesPage"),
    validateSearch: readSearch,
  }),
] as const;
