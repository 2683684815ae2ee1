import type { Document, Json } from "../../../api/configs";
import type { I18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { type Condition, DAYS, type LeafKind, operatorOf, typedOf } from "./conditions";

/** A condition in words: what is looked at, how, and with which values. Pure. */

export interface Said {
  what: string;
  how: string;
  values: string[];
}

const listed = (value: Json | undefined): string[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(typedOf);

export function sayLeaf(kind: LeafKind, condition: Condition, { t }: I18n): Said {
  const value = condition[kind];
  switch (kind) {
    case "type":
    case "path":
    case "suffix":
      return { what: t(`cond.${kind}`), how: t(`cond.${kind}.how`), values: listed(value) };
    case "labels":
      return { what: t("cond.labels"), how: t("cond.labels.how"), values: listed(value) };
    case "size":
      return { what: t("cond.size"), ...bounds(value, { t }) };
    case "severity":
      return isBlock(value) ? { what: t("cond.severity"), ...bounds(value, { t }) } : { what: t("cond.severity"), how: t("op.eq"), values: listed(value) };
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
