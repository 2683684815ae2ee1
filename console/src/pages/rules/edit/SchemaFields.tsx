import type { Document, Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import { type Field, fieldsOf } from "../../../ui/form/schema";
import { typedOf } from "../cond/conditions";
import { fieldText } from "../words";
import { Choice, JsonField, TextField } from "./controls";
import { FLOW_LIST, useFaultsAt } from "./form";

/** The configuration of an action by its JSON Schema; every value may be a text with places as well. */

interface Props {
  /** Of the action. */
  kind: string;
  fields: readonly Field[];
  value: Document;
  set: (value: Document) => void;
  pointer: string;
}

export function SchemaFields({ schema, ...rest }: Omit<Props, "fields"> & { schema: Document }) {
  return <Fields {...rest} fields={fieldsOf(schema)} />;
}

const ODD: Omit<Field, "name"> = { kind: "json", required: false, values: [], usual: undefined, fields: [], whole: false, long: false };

function Fields({ kind, fields, value, set, pointer }: Props) {
  const odd = Object.keys(value).filter((key) => !fields.some(({ name }) => name === key));
  const put = (key: string, next: Json | undefined): void => {
    const { [key]: _, ...rest } = value;
    set(next === undefined ? rest : { ...value, [key]: next });
  };
  return (
    <div className="schema">
      {[...fields, ...odd.map((name): Field => ({ ...ODD, name }))].map((field) => (
        <Part key={field.name} kind={kind} field={field} value={value[field.name]} set={(next) => put(field.name, next)} pointer={`${pointer}/${field.name}`} />
      ))}
    </div>
  );
}

/** The word of a field, where there is one, and its name. */
function Named({ kind, name }: { kind: string; name: string }) {
  const { language } = useI18n();
  const word = fieldText(kind, name, language);
  return (
    <>
      {word !== name && <span>{word} </span>}
      <code className="mono dim small">{name}</code>
    </>
  );
}

interface PartProps {
  kind: string;
  field: Field;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  pointer: string;
}

function Part({ kind, field, value, set, pointer }: PartProps) {
  const { t } = useI18n();
  const nested = field.kind === "section" && (value === undefined || isBlock(value));
  const faults = useFaultsAt(pointer).filter((fault) => !nested || fault.pointer === pointer);
  if (nested) {
    return (
      <details className="schema-block" open={value !== undefined}>
        <summary>
          <Named kind={kind} name={field.name} />
        </summary>
        <Fields kind={kind} fields={field.fields} value={isBlock(value) ? value : {}} set={(next) => set(Object.keys(next).length ? next : undefined)} pointer={pointer} />
      </details>
    );
  }
  return (
    <div className="schema-row">
      <span className="schema-name" title={field.name}>
        <Named kind={kind} name={field.name} />
        {field.required && <span className="dim small"> {t("act.required")}</span>}
      </span>
      <span className="schema-value">
        <Control action={kind} field={field} value={value} set={set} />
        {faults.map((fault) => (
          <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />
        ))}
      </span>
    </div>
  );
}

const numbered = (typed: string): Json => (/^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : typed);
const hasPlace = (value: Json | undefined): boolean => typeof value === "string" && value.includes("${");

function Control({ action, field: { name, kind, values, usual }, value, set }: Omit<PartProps, "pointer" | "kind"> & { action: string }) {
  const { t, language } = useI18n();
  const label = fieldText(action, name, language);
  const hint = usual === undefined || usual === null || usual === "" || typeof usual === "object" ? "" : t("act.default", { value: typedOf(usual) });
  if ((kind === "choice" || kind === "yes") && !hasPlace(value)) {
    const options = [["", hint || t("none")] as const, ...(kind === "yes" ? [["true", t("act.yes")] as const, ["false", t("act.no")] as const] : values.map((one) => [one, one] as const))];
    return <Choice label={label} value={value === undefined ? "" : String(value)} options={options} set={(next) => set(next === "" ? undefined : kind === "yes" ? next === "true" : next)} />;
  }
  if (kind === "number") return <TextField label={label} value={value} set={set} hint={hint} read={numbered} className="grow" />;
  if (kind !== "json" && (value === undefined || typeof value === "string")) return <TextField label={label} value={value} set={set} hint={hint} list={action === "FLOW" && name === "flow" ? FLOW_LIST : undefined} className="grow" />;
  return <JsonField label={label} value={value} set={set} rows={2} />;
}
