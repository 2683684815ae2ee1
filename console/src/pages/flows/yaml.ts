import type { Json } from "../../ui/form/schema";

/** Documents as YAML to be read; what people write is read and written by the server. Pure. */

const PLAIN = /^[A-Za-z_/$][\w ./$(){}@%+,=-]*$/;
const WORDS = /^(true|false|null|yes|no|on|off|~)$/i;
const FULL_WIDTH = 0x2e7f;

function scalar(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const wide = [...value].every((sign) => sign.charCodeAt(0) > FULL_WIDTH || /[\w ./-]/.test(sign)) && /^[^\s-]/.test(value);
  const plain = (PLAIN.test(value) || wide) && !WORDS.test(value) && !/^[\d.+-]/.test(value) && value === value.trim();
  return plain ? value : JSON.stringify(value);
}

const isEmpty = (value: Json): boolean => typeof value === "object" && value !== null && Object.keys(value).length === 0;
const isBlock = (value: Json): value is Json[] | { [key: string]: Json } => typeof value === "object" && value !== null && !isEmpty(value);

const FLOW_KEYS = ["name", "description", "owner", "priority", "on_failure", "input", "steps"];
const STEP_KEYS = ["id", "title", "action", "agent", "needs", "when", "config", "timeout_s", "deadline_s", "retry", "compensate", "allow_failure"];

/** The keys of a block as people write them; those that are not named stay behind, as they are. */
function inOrder(value: Json, keys: readonly string[]): Json {
  if (!isBlock(value) || Array.isArray(value)) return value;
  const place = (key: string): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => place(a) - place(b)));
}

/** A flow as YAML: what is kept has its keys by the alphabet, what is read begins with the name. */
export function flowYaml(flow: Json): string {
  const whole = inOrder(flow, FLOW_KEYS);
  if (!isBlock(whole) || Array.isArray(whole) || !Array.isArray(whole["steps"])) return toYaml(whole);
  return toYaml({ ...whole, steps: whole["steps"].map((step) => inOrder(step, STEP_KEYS)) });
}

/** A value as YAML in blocks, two blanks to the step. */
export function toYaml(value: Json, indent = ""): string {
  if (!isBlock(value)) return `${indent}${isEmpty(value) ? (Array.isArray(value) ? "[]" : "{}") : scalar(value)}\n`;
  if (Array.isArray(value)) {
    return value.map((item) => (isBlock(item) ? `${indent}- ${toYaml(item, `${indent}  `).trimStart()}` : `${indent}- ${toYaml(item).trimStart()}`)).join("");
  }
  return Object.entries(value)
    .map(([key, item]) => (isBlock(item) ? `${indent}${scalar(key)}:\n${toYaml(item, `${indent}  `)}` : `${indent}${scalar(key)}: ${toYaml(item).trimStart()}`))
    .join("");
}
