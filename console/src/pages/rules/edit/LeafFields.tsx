import type { Document, Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { type Condition, DAYS, type LeafKind, MANY, meant, OF_TEXT, type Operator, OPERATORS, operatorOf, SEVERITIES } from "../cond/conditions";
import { Check, Choice, LinesField, TextField } from "./controls";
import { FIELD_LIST, ZONE_LIST } from "./form";

interface Props {
  kind: LeafKind | "all" | "any" | "not";
  condition: Condition;
  set: (value: Condition) => void;
}

const asText = (line: string): Json => line;

/** The values of one condition, typed by its kind. */
export function LeafFields({ kind, condition, set }: Props) {
  const { t } = useI18n();
  const value = condition[kind];
  const put = (next: Json | undefined): void => set({ ...condition, [kind]: next ?? "" });
  switch (kind) {
    case "type":
      return <LinesField label={t("cond.type")} value={value} set={put} read={asText} hint="gwf.file.*" />;
    case "path":
      return <LinesField label={t("cond.path")} value={value} set={put} read={asText} hint="/var/log/**/*.log" />;
    case "suffix":
      return (
        <>
          <LinesField label={t("cond.suffix")} value={value} set={put} read={asText} hint=".log" />
          <IgnoreCase condition={condition} set={set} />
        </>
      );
    case "labels":
      return <TextField label={t("cond.labels")} value={value} set={put} hint="env=prod,site in (sh,bj),!canary" className="grow" />;
    case "size":
      return <Bounds label={t("cond.size")} value={value} set={put} hint="10MB" />;
    case "severity":
      return <SeverityFields value={value} set={put} />;
    case "time":
      return <TimeFields value={isBlock(value) ? value : {}} set={put} />;
    case "field":
      return <FieldFields condition={condition} set={set} />;
    default:
      return null;
  }
}

function IgnoreCase({ condition, set }: Omit<Props, "kind">) {
  const { t } = useI18n();
  const { ignore_case: ignore, ...rest } = condition;
  return <Check label={t("cond.ignore_case")} value={ignore === true} set={(on) => set(on ? { ...rest, ignore_case: true } : rest)} />;
}

interface ValueProps {
  value: Json | undefined;
  set: (value: Json) => void;
}

/** An object with another value at a key; undefined takes it away. */
const put = (block: Document, key: string, value: Json | undefined): Document => {
  const { [key]: _, ...rest } = block;
  return value === undefined ? rest : { ...rest, [key]: value };
};

function Bounds({ label, value, set, hint }: ValueProps & { label: string; hint: string }) {
  const { t } = useI18n();
  const block = isBlock(value) ? value : {};
  const read = (typed: string): Json => (/^\d+$/.test(typed) ? Number(typed) : typed);
  return (
    <>
      <span className="dim">{t("cond.least")}</span>
      <TextField label={`${label} ${t("cond.least")}`} value={block["min"]} set={(next) => set(put(block, "min", next))} hint={hint} read={read} className="short" />
      <span className="dim">{t("cond.most")}</span>
      <TextField label={`${label} ${t("cond.most")}`} value={block["max"]} set={(next) => set(put(block, "max", next))} hint={t("none")} read={read} className="short" />
    </>
  );
}

function SeverityFields({ value, set }: ValueProps) {
  const { t } = useI18n();
  const block: Document = isBlock(value) ? value : { min: value ?? "warning", max: value ?? "warning" };
  const options = [["", t("none")] as const, ...SEVERITIES.map((word) => [word, t(`severity.${word}`)] as const)];
  const choice = (key: "min" | "max", name: string) => (
    <>
      <span className="dim">{name}</span>
      <Choice label={`${t("cond.severity")} ${name}`} value={String(block[key] ?? "")} options={options} set={(next) => set(put(block, key, next || undefined))} />
    </>
  );
  return (
    <>
      {choice("min", t("cond.least"))}
      {choice("max", t("cond.most"))}
    </>
  );
}

function TimeFields({ value, set }: { value: Document; set: (value: Json) => void }) {
  const { t } = useI18n();
  const days = Array.isArray(value["days"]) ? value["days"].map(String) : typeof value["days"] === "string" ? [value["days"]] : [];
  const toggle = (day: string): void => {
    const next = DAYS.filter((one) => (one === day ? !days.includes(one) : days.includes(one)));
    set(put(value, "days", next.length ? [...next] : undefined));
  };
  const listed = (typed: string): Json => {
    const names = typed.split(/[,，\s]+/).filter(Boolean);
    return names.length === 1 ? (names[0] ?? "") : names;
  };
  const names = (key: "on" | "except"): Json | undefined => (Array.isArray(value[key]) ? value[key].join(",") : value[key]);
  return (
    <span className="time-fields">
      <TextField label={t("cond.time.from")} value={value["from"]} set={(next) => set(put(value, "from", next))} hint="09:00" className="short" />–
      <TextField label={t("cond.time.to")} value={value["to"]} set={(next) => set(put(value, "to", next))} hint="18:00" className="short" />
      <TextField label={t("cond.time.zone")} value={value["zone"]} set={(next) => set(put(value, "zone", next))} hint="UTC" list={ZONE_LIST} className="zone" />
      <span className="chips" role="group" aria-label={t("cond.time.days")}>
        {DAYS.map((day) => (
          <button key={day} type="button" className="chip" aria-pressed={days.includes(day)} onClick={() => toggle(day)}>
            {t(`day.${day}`)}
          </button>
        ))}
      </span>
      <span className="dim">{t("cond.time.only")}</span>
      <TextField label={t("cond.time.only")} value={names("on")} set={(next) => set(put(value, "on", next === undefined ? undefined : listed(String(next))))} hint={t("cond.calendar")} className="short" />
      <span className="dim">{t("cond.time.never")}</span>
      <TextField label={t("cond.time.never")} value={names("except")} set={(next) => set(put(value, "except", next === undefined ? undefined : listed(String(next))))} hint={t("cond.calendar")} className="short" />
    </span>
  );
}

function FieldFields({ condition, set }: Omit<Props, "kind">) {
  const { t } = useI18n();
  const op = operatorOf(condition) ?? "eq";
  const value = condition[op];
  const { [op]: _, ignore_case: ignore, ...rest } = condition;
  const choose = (next: Operator): void => {
    const kept = next === "exists" ? true : op === "exists" || Array.isArray(value) !== MANY.has(next) ? (Array.isArray(value) ? (value[0] ?? "") : op === "exists" ? "" : (value ?? "")) : (value ?? "");
    set({ ...rest, [next]: kept, ...(ignore === true && OF_TEXT.has(next) ? { ignore_case: true } : {}) });
  };
  const put = (next: Json | undefined): void => set({ ...condition, [op]: next ?? "" });
  return (
    <>
      <TextField label={t("cond.field.name")} value={condition["field"]} set={(next) => set({ ...condition, field: next ?? "" })} hint="data.code" list={FIELD_LIST} />
      <Choice label={t("cond.field.op")} value={op} options={OPERATORS.map((one) => [one, t(`op.${one}`)] as const)} set={(next) => choose(next as Operator)} />
      {op === "exists" ? (
        <Choice label={t("op.exists")} value={String(value !== false)} options={[["true", t("op.exists")], ["false", t("op.exists.not")]]} set={(next) => put(next === "true")} />
      ) : MANY.has(op) ? (
        <LinesField label={t("cond.field.value")} value={value} set={put} />
      ) : (
        <TextField label={t("cond.field.value")} value={value} set={put} read={meant} hint={t("cond.field.hint")} />
      )}
      {OF_TEXT.has(op) && <IgnoreCase condition={condition} set={set} />}
    </>
  );
}
