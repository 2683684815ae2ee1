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
