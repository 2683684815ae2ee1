import type { Document, Json } from "../../../api/configs";
import type { I18n } from "../../../i18n/context";
import { wordOf } from "../../../i18n/translate";
import { isBlock } from "../../../ui/edit/places";
import { typeText } from "../../events/say";
import { type Condition, DAYS, GROUPS, kindOf, type LeafKind, operatorOf, partsOf, typedOf } from "./conditions";

/** A condition in words: what is looked at, how, and with which values. Pure. */

export interface Said {
  what: string;
  how: string;
  values: string[];
}

const listed = (value: Json | undefined): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(typedOf);

/** A value of the server's own words in the reader's: types of events and severities; all others as they are typed. */
export function sayValue(kind: string, value: Json | undefined, i18n: I18n): string {
  const text = typedOf(value);
  if (kind === "type") return typeText(text, i18n);
  return kind === "severity" ? wordOf(i18n.language, "severity", text) : text;
}

/** A whole condition as one line. */
export function sayCondition(condition: Json | undefined, i18n: I18n): string {
  const { t } = i18n;
  const kind = kindOf(condition);
  if (kind === undefined || !isBlock(condition)) return t("cond.unknown");
  const group = GROUPS.find((one) => one === kind);
  if (group) {
    const parts = partsOf(condition).map((part) => sayCondition(part, i18n));
    return parts.length ? t("cond.group", { how: t(`cond.${group}`), parts: parts.join(t("cond.join")) }) : t("cond.always");
  }
  const { what, how, values } = sayLeaf(kind as LeafKind, condition, i18n);
  return [what, how, values.join(t("filter.join"))].filter(Boolean).join(" ");
}

export function sayLeaf(kind: LeafKind, condition: Condition, i18n: I18n): Said {
  const { t } = i18n;
  const value = condition[kind];
  switch (kind) {
    case "type":
      return { what: t("cond.type"), how: t("cond.type.how"), values: listed(value).map((one) => sayValue("type", one, i18n)) };
    case "path":
    case "suffix":
      return { what: t(`cond.${kind}`), how: t(`cond.${kind}.how`), values: listed(value) };
    case "labels":
      return { what: t("cond.labels"), how: t("cond.labels.how"), values: listed(value) };
    case "size":
      return { what: t("cond.size"), ...bounds(value, { t }) };
    case "severity":
      return { what: t("cond.severity"), ...severities(value, i18n) };
    case "time":
      return { what: t("cond.time"), how: t("cond.time.how"), values: window(isBlock(value) ? value : {}, { t }) };
    case "field": {
      const op = operatorOf(condition);
      if (op === "exists") return { what: typedOf(value), how: condition["exists"] === false ? t("op.exists.not") : t("op.exists"), values: [] };
      return { what: typedOf(value), how: op ? t(`op.${op}`) : "", values: op ? listed(condition[op]) : [] };
    }
  }
}

type Say = Pick<I18n, "t">;

function severities(value: Json | undefined, i18n: I18n): Omit<Said, "what"> {
  const { how, values } = isBlock(value) ? bounds(value, i18n) : { how: i18n.t("op.eq"), values: listed(value) };
  return { how, values: values.map((one) => sayValue("severity", one, i18n)) };
}

function bounds(value: Json | undefined, { t }: Say): Omit<Said, "what"> {
  if (!isBlock(value)) return { how: "", values: listed(value) };
  const { min, max } = value;
  if (min !== undefined && max !== undefined) return { how: t("cond.between"), values: [typedOf(min), typedOf(max)] };
  return min !== undefined ? { how: t("cond.least"), values: [typedOf(min)] } : { how: t("cond.most"), values: listed(max) };
}

function window(value: Document, { t }: Say): string[] {
  const days = listed(value["days"]).map((day) => (isDay(day) ? t(`day.${day}`) : day));
  const from = typedOf(value["from"]) || "00:00";
  const to = typedOf(value["to"]) || "24:00";
  const found = [days.length ? days.join(t("filter.join")) : t("cond.time.daily"), `${from}–${to}`, typedOf(value["zone"]) || "UTC"];
  if (value["on"] !== undefined) found.push(t("cond.time.on", { names: listed(value["on"]).join(t("filter.join")) }));
  if (value["except"] !== undefined) found.push(t("cond.time.except", { names: listed(value["except"]).join(t("filter.join")) }));
  return found;
}

const isDay = (word: string): word is (typeof DAYS)[number] => DAYS.some((day) => day === word);
