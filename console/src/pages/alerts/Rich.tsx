import { Fragment } from "react";

const MARKED = /(`[^`]*`|\*\*.+?\*\*)/;

/** A sentence of the dictionary in which `values` and **what matters** stand out. */
export function Rich({ text }: { text: string }) {
  return text.split(MARKED).map((part, at) => {
    if (part.startsWith("`")) return <code key={at} className="alert-val">{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <strong key={at}>{part.slice(2, -2)}</strong>;
    return <Fragment key={at}>{part}</Fragment>;
  });
}
