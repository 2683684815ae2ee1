import type { Column } from "./types";

/** More rows than this are a matter for the API. */
export const MOST_EXPORTED = 50_000;

/** A cell of CSV; text that a spreadsheet would run as a formula stays text. */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV with a head line; begins with a mark, so that spreadsheets read it as UTF-8. */
export function toCsv<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const told = columns.filter(({ text }) => text !== undefined);
  const lines = rows.map((row) => told.map(({ text }) => csvCell(text?.(row) ?? null)).join(","));
  return `\uFEFF${[told.map(({ title }) => csvCell(title)).join(","), ...lines].join("\r\n")}\r\n`;
}

/** Hand a text to the browser as a file. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
