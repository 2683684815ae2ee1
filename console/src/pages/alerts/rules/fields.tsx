import { type ReactNode, useState } from "react";
import type { Json } from "../../../api/configs";
import { FaultText } from "../../../ui/edit/FaultText";
import { useFaultsAt } from "../../rules/edit/form";
import { namesOf, namesText } from "./form";

/** One line of a form that reads as a sentence: what it is about, and its words and fields. */
export function Line({ label, at = [], children }: { label: string; at?: readonly string[]; children: ReactNode }) {
  return (
    <div className="say-line">
      <span className="say-label">{label}</span>
      <div className="say-body">
        <div className="say-words">{children}</div>
        {at.map((pointer) => <Faults key={pointer} at={pointer} />)}
      </div>
    </div>
  );
}

/** What is wrong at a place; at "", with the document as a whole. */
export function Faults({ at }: { at: string }) {
  return useFaultsAt(at, at === "").map((fault) => <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />);
}

interface FieldProps {
  label: string;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  hint?: string;
  className?: string;
  list?: string;
}

/** Names with commas between; what is being typed stays as it is. */
export function NamesField({ label, value, set, hint, className = "", list }: FieldProps) {
  const [typed, setTyped] = useState(namesText(value));
  const text = JSON.stringify(namesOf(typed)) === JSON.stringify(namesOf(namesText(value))) ? typed : namesText(value);
  return (
    <input
      className={`input mono ${className}`}
      aria-label={label}
      value={text}
      placeholder={hint}
      list={list}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => {
        setTyped(event.target.value);
        const names = namesOf(event.target.value);
        set(names.length ? names : undefined);
      }}
    />
  );
}
