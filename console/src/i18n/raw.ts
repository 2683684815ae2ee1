/** What the server says in its own English, taken apart so that its known parts can be told in the reader's language. */

export interface HeldBy {
  who: string;
  note: string;
}

/** Who holds a breaker open and the note given, from `opened by operator WHO: NOTE`. */
export function heldBy(text: string): HeldBy | null {
  const found = /^opened by operator (.+?)(?:: ([^]*))?$/.exec(text);
  return found?.[1] === undefined ? null : { who: found[1], note: found[2] ?? "" };
}

/** The error class and the raw message of `CLASS: MESSAGE`; no class when the text does not begin with one. */
export function classed(text: string): [errorClass: string, message: string] {
  const found = /^([a-z_]+): ([^]*)$/.exec(text);
  return found?.[1] === undefined ? ["", text] : [found[1], found[2] ?? ""];
}
