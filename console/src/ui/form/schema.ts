/** JSON Schemas of configurations as fields of a form; pure, so that it can be tested. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Schema = { readonly [key: string]: unknown };

export type FieldKind = "text" | "number" | "yes" | "choice" | "section" | "json";

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  /** Of a choice. */
  values: readonly string[];
  /** What holds when nothing is said. */
  usual: Json | undefined;
  /** Of a section. */
  fields: readonly Field[];
  /** A whole number. */
  whole: boolean;
  /** More than a line is likely. */
  long: boolean;
}

const LONG_CHARS = 4_500;

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of an object, those that must be filled in first. */
export function fieldsOf(schema: Schema, root: Schema = schema): Field[] {
  const required = Array.isArray(schema["required"]) ? (schema["required"] as string[]) : [];
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const fields = Object.entries(properties).map(([name, value]) => fieldOf(name, isSchema(value) ? value : {}, required.includes(name), root));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

function fieldOf(name: string, given: Schema, required: boolean, root: Schema): Field {
  const schema = resolved(given, root);
  const base = { name, required, usual: (given["default"] ?? schema["default"]) as Json | undefined, values: [], fields: [], whole: false, long: false };
  const choices = Array.isArray(schema["enum"]) ? schema["enum"].filter((one): one is string => typeof one === "string") : [];
  if (choices.length) return { ...base, kind: "choice", values: choices };
  switch (schema["type"]) {
    case "string":
      return { ...base, kind: "text", long: typeof schema["maxLength"] === "number" && schema["maxLength"] > LONG_CHARS };
    case "integer":
    case "number":
      return { ...base, kind: "number", whole: schema["type"] === "integer" };
    case "boolean":
      return { ...base, kind: "yes" };
    case "object":
      return isSchema(schema["properties"]) ? { ...base, kind: "section", fields: fieldsOf(schema, root) } : { ...base, kind: "json" };
    default:
      return { ...base, kind: "json" };
  }
}

/** A schema behind a reference, and of what may be null that which is not. */
function resolved(schema: Schema, root: Schema): Schema {
  const ref = schema["$ref"];
  if (typeof ref === "string") {
    const found = ref.replace(/^#\//, "").split("/").reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root);
    return isSchema(found) ? resolved(found, root) : {};
  }
  const any = schema["anyOf"] ?? schema["allOf"];
  if (Array.isArray(any)) {
    const left = any.filter((one): one is Schema => isSchema(one) && one["type"] !== "null");
    if (left.length === 1 && left[0]) return resolved(left[0], root);
  }
  return schema;
}

/** The value with one place changed; what is undefined goes, and an object that is left empty with it. */
export function changed(value: Json | undefined, path: readonly string[], next: Json | undefined): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return next;
  const old = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  const inner = changed(old[name], rest, next);
  const made = Object.fromEntries(Object.entries({ ...old, [name]: inner }).filter(([, one]) => one !== undefined)) as { [key: string]: Json };
  return Object.keys(made).length ? made : undefined;
}

/** The value at a place; undefined = nothing is there. */
export function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, name) => (typeof at === "object" && at !== null && !Array.isArray(at) ? at[name] : undefined), value);
}

/** A JSON pointer below the configuration. */
export const pointerOf = (path: readonly string[]): string => path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
