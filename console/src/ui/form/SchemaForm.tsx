import { useId, useState } from "react";
import { useI18n } from "../../i18n/context";
import { faultLine } from "../../i18n/faults";
import { wordOf } from "../../i18n/translate";
import { Glyph } from "../Status";
import { changed, type Field, fieldsOf, type Json, pointerOf, type Schema, valueAt } from "./schema";
import "../../styles/form.css";

/** What is wrong at one place: a JSON pointer below the configuration. */
export interface FormFault {
  pointer: string;
  code: string;
  message: string;
  params?: Readonly<Record<string, string>>;
}

interface Props {
  /** Names the words of the fields in the dictionary: `<words>.<name>`. */
  words: string;
  schema: Schema;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  faults: readonly FormFault[];
  readOnly?: boolean;
}

/** A configuration as a form, made of its JSON Schema; what the server finds wrong stands at its field. */
export function SchemaForm(props: Props) {
  const fields = fieldsOf(props.schema);
  return (
    <div className="schema-form">
      {fields.map((field) => (
        <One key={field.name} {...props} field={field} path={[field.name]} />
      ))}
    </div>
  );
}

interface OneProps extends Props {
  field: Field;
  path: readonly string[];
}

function One(props: OneProps) {
  const { field, path, value, faults, words } = props;
  const { t, language } = useI18n();
  const id = useId();
  const pointer = pointerOf(path);
  const name = wordOf(language, words, field.name);
  const label = name === `${words}.${field.name}` || name === field.name ? field.name : name;
  const own = faults.filter((fault) => fault.pointer === pointer || (field.kind === "json" && fault.pointer.startsWith(`${pointer}/`)));
  if (field.kind === "section") {
    const filled = valueAt(value, path) !== undefined;
    return (
      <details className="schema-section" open={filled || field.required || faults.some((fault) => fault.pointer.startsWith(`${pointer}/`))}>
        <summary>{label}</summary>
        <div className="schema-form">
          {field.fields.map((inner) => <One key={inner.name} {...props} field={inner} path={[...path, inner.name]} />)}
        </div>
        <Faults id={id} faults={own} />
      </details>
    );
  }
  return (
    <div className="form-row">
      <label htmlFor={`${id}-in`} className="schema-label">
        {label}
        {field.required ? <em>{t("form.required")}</em> : null}
        {label !== field.name && <code className="dim">{field.name}</code>}
      </label>
      <Control {...props} id={`${id}-in`} faulty={own.length > 0} says={`${id}-bad`} />
      <Faults id={`${id}-bad`} faults={own} />
    </div>
  );
}

function Faults({ id, faults }: { id: string; faults: readonly FormFault[] }) {
  const { language } = useI18n();
  if (faults.length === 0) return null;
  return (
    <p id={id} className="field-error">
      <span className="status crit"><Glyph tone="crit" size={11} /></span> {faults.map((fault) => faultLine(language, fault)).join(" · ")}
    </p>
  );
}

interface ControlProps extends OneProps {
  id: string;
  faulty: boolean;
  says: string;
}

function Control({ field, path, value, set, id, faulty, says, readOnly = false }: ControlProps) {
  const { t } = useI18n();
  const now = valueAt(value, path);
  const put = (next: Json | undefined): void => set(changed(value, path, next));
  const told = { id, "aria-invalid": faulty, ...(faulty ? { "aria-describedby": says } : {}), disabled: readOnly };
  const usual = field.usual === undefined || field.usual === null || typeof field.usual === "object" ? "" : String(field.usual);
  switch (field.kind) {
    case "yes":
      return <input {...told} type="checkbox" checked={(now ?? field.usual) === true} onChange={(event) => put(event.target.checked === field.usual ? undefined : event.target.checked)} />;
    case "choice":
      return (
        <select {...told} className="input" value={typeof now === "string" ? now : usual} onChange={(event) => put(event.target.value === usual ? undefined : event.target.value)}>
          {usual === "" && <option value="">{t("form.choose")}</option>}
          {field.values.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      );
    case "number":
      return <input {...told} className="input mono" type="number" step={field.whole ? 1 : "any"} placeholder={usual} value={typeof now === "number" ? now : ""} onChange={(event) => put(event.target.value === "" ? undefined : Number(event.target.value))} />;
    case "json":
      return <JsonText {...told} value={now} put={put} />;
    default:
      return field.long ? (
        <textarea {...told} className="input" rows={4} placeholder={usual} value={typeof now === "string" ? now : ""} onChange={(event) => put(event.target.value === "" ? undefined : event.target.value)} />
      ) : (
        <input {...told} className="input mono" type="text" autoComplete="off" spellCheck={false} placeholder={usual} value={typeof now === "string" ? now : ""} onChange={(event) => put(event.target.value === "" ? undefined : event.target.value)} />
      );
  }
}

interface JsonProps {
  id: string;
  value: Json | undefined;
  put: (value: Json | undefined) => void;
  disabled: boolean;
  "aria-invalid": boolean;
  "aria-describedby"?: string;
}

/** Any JSON as text; what is no JSON is kept as it is typed and says so. */
function JsonText({ value, put, ...told }: JsonProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useState<string | null>(null);
  const type = (text: string): void => {
    setTyped(text);
    if (text.trim() === "") return put(undefined);
    try {
      put(JSON.parse(text) as Json);
      setTyped(null);
    } catch {
      // shown below the field: what was there before stays until it is JSON again
    }
  };
  const text = typed ?? (value === undefined ? "" : JSON.stringify(value, null, 2));
  return (
    <>
      <textarea {...told} className="input mono" rows={Math.min(12, Math.max(2, text.split("\n").length))} spellCheck={false} placeholder={t("form.json")} value={text} onChange={(event) => type(event.target.value)} />
      {typed !== null && typed.trim() !== "" && <p className="field-error">{t("form.json.wrong")}</p>}
    </>
  );
}
