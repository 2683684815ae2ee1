import type { Document, Json } from "../../../api/configs";
import { isBlock } from "../../../ui/edit/places";

/** The conditions of a rule: their kinds, what each begins with, and how their values are typed. Pure. */

export const GROUPS = ["all", "any", "not"] as const;
export const LEAVES = ["type", "path", "suffix", "size", "labels", "severity", "time", "field"] as const;
export type GroupKind = (typeof GROUPS)[number];
export type LeafKind = (typeof LEAVES)[number];
export type ConditionKind = GroupKind | LeafKind;
export type Condition = Document;

export const OPERATORS = [
  "eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "exists", "contains", "begins", "ends", "glob", "regex",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** Operators that compare with several values. */
export const MANY: ReadonlySet<Operator> = new Set(["in", "not_in", "contains", "begins", "ends"]);
/** Operators on texts, which may ignore the case. */
export const OF_TEXT: ReadonlySet<Operator> = new Set(["eq", "ne", "in", "not_in", "contains", "begins", "ends", "glob", "regex"]);
export const SEVERITIES = ["debug", "info", "notice", "warning", "error", "critical"] as const;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Names that may stand in conditions and templates; those with a dot at the end go on. */
export const FIELDS = [
  "type", "id", "source", "subject", "time", "date", "severity", "agent_id", "path", "dir", "name", "suffix", "size_bytes", "version",
  "store", "key", "etag", "sha256", "attempt", "duration_ms", "reason", "error_class", "error_code", "message", "labels.", "data.", "ext.",
] as const;

export function kindOf(condition: Json | undefined): ConditionKind | undefined {
  if (!isBlock(condition)) return undefined;
  return [...GROUPS, ...LEAVES].find((kind) => kind in condition);
}

export const operatorOf = (condition: Condition): Operator | undefined => OPERATORS.find((op) => op in condition);

/** Conditions that stand in a group. */
export function partsOf(condition: Condition): Json[] {
  const inner = condition["all"] ?? condition["any"];
  if (Array.isArray(inner)) return inner;
  return "not" in condition ? [condition["not"] ?? {}] : [];
}

/** What a new condition of a kind says. */
export function fresh(kind: ConditionKind): Condition {
  switch (kind) {
    case "all":
    case "any":
      return { [kind]: [] };
    case "not":
      return { not: { suffix: ".tmp" } };
    case "type":
      return { type: "gwf.file.done" };
    case "path":
      return { path: "/var/log/**/*.log" };
    case "suffix":
      return { suffix: ".log" };
    case "size":
      return { size: { min: "1MB" } };
    case "labels":
      return { labels: "env=prod" };
    case "severity":
      return { severity: { min: "warning" } };
    case "time":
      return { time: { zone: "Asia/Shanghai", from: "09:00", to: "18:00" } };
    case "field":
      return { field: "path", contains: "error" };
  }
}

/** A group of another kind keeps what stands in it. */
export function asGroup(condition: Condition, kind: GroupKind): Condition {
  const parts = partsOf(condition);
  if (kind !== "not") return { [kind]: parts };
  return { not: parts.length === 1 ? (parts[0] ?? {}) : { all: parts } };
}

/** A value as it is typed: texts as they are, everything else as JSON; a text that looks like JSON in quotes. */
export function typedOf(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return readsAsJson(value) ? JSON.stringify(value) : value;
  return JSON.stringify(value);
}

/** What somebody typed as a value: numbers, true, false, null and what stands in quotes are meant so. */
export function meant(typed: string): Json {
  const text = typed.trim();
  return readsAsJson(text) ? (JSON.parse(text) as Json) : text;
}

function readsAsJson(text: string): boolean {
  if (!/^(-?\d|true$|false$|null$|")/.test(text)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== "object" || value === null;
  } catch {
    return false;
  }
}

/** One value or several, as lines. */
export const linesOf = (value: Json | undefined): string => (Array.isArray(value) ? value.map(typedOf).join("\n") : typedOf(value));

/** Lines as one value, or as several. */
export function valueOfLines(text: string, read: (line: string) => Json = meant): Json {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.length === 1 ? read(lines[0] ?? "") : lines.map(read);
}
