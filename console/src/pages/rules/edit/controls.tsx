import { useId, useState } from "react";
import type { Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { linesOf, meant, typedOf, valueOfLines } from "../cond/conditions";

/** Small controls of the form; what is being typed stays as it is, the document holds what it means. */

interface TextProps {
  label: string;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  hint?: string;
  mono?: boolean;
  list?: string | undefined;
  /** How what was typed becomes a value; texts stay texts unless it says otherwise. */
  read?: (typed: string) => Json;
  hidden?: boolean;
  className?: string;
}

const asText = (typed: string): Json => typed;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** One line of text; empty = not set. */
export function TextField({ label, value, set, hint, mono = true, list, read = asText, hidden = true, className = "" }: TextProps) {
  const shown = typeof value === "string" && read === asText ? value : typedOf(value);
  const [typed, setTyped] = useState(shown);
  const text = same(typed === "" ? undefined : read(typed), value) ? typed : shown;
  const input = (
    <input
      className={`input ${mono ? "mono" : ""} ${className}`}
      aria-label={hidden ? label : undefined}
      value={text}
      placeholder={hint}
      list={list}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => {
        setTyped(event.target.value);
        set(event.target.value === "" ? undefined : read(event.target.value));
      }}
    />
  );
  return hidden ? input : <Labelled label={label}>{input}</Labelled>;
}

/** Several values, one on each line. */
export function LinesField({ label, value, set, hint, read = meant }: Omit<TextProps, "list" | "mono">) {
  const [typed, setTyped] = useState(linesOf(value));
  const text = same(valueOfLines(typed, read), value) ? typed : linesOf(value);
  return (
    <textarea
      className="input mono lines"
      aria-label={label}
      rows={Math.min(8, Math.max(1, text.split("\n").length))}
      value={text}
      placeholder={hint}
      spellCheck={false}
      onChange={(event) => {
        setTyped(event.target.value);
        set(valueOfLines(event.target.value, read));
      }}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  set: (value: string) => void;
  hidden?: boolean;
}

export function Choice({ label, value, options, set, hidden = true }: ChoiceProps) {
  const select = (
    <select className="input" aria-label={hidden ? label : undefined} value={value} onChange={(event) => set(event.target.value)}>
      {options.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  );
  return hidden ? select : <Labelled label={label}>{select}</Labelled>;
}

export function Check({ label, value, set }: { label: string; value: boolean; set: (value: boolean) => void }) {
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={(event) => set(event.target.checked)} /> {label}
    </label>
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <label className="labelled">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** A value as JSON; what is no JSON stands there and is not taken. */
export function JsonField({ label, value, set, rows = 3 }: { label: string; value: Json | undefined; set: (value: Json | undefined) => void; rows?: number }) {
  const { t } = useI18n();
  const id = useId();
  const shown = value === undefined ? "" : JSON.stringify(value, null, 2);
  const [typed, setTyped] = useState(shown);
  const parsed = parse(typed);
  const text = parsed.ok && !same(parsed.value, value) ? shown : typed;
  return (
    <span className="json-field">
      <textarea
        className="input mono lines"
        aria-label={label}
        aria-invalid={!parsed.ok}
        aria-describedby={parsed.ok ? undefined : id}
        rows={Math.min(12, Math.max(rows, text.split("\n").length))}
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
          const now = parse(event.target.value);
          if (now.ok) set(now.value);
        }}
      />
      {!parsed.ok && (
        <span id={id} className="field-error">
          {t("try.bad.json")}
        </span>
      )}
    </span>
  );
}

function parse(text: string): { ok: true; value: Json | undefined } | { ok: false } {
  if (text.trim() === "") return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch {
    return { ok: false };
  }
}
