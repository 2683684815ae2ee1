import type { Tone } from "../Status";

/** One value of a filter, as the server counts it. */
export interface FacetValue {
  value: string;
  /** How people call it; the value itself by default. */
  label?: string;
  /** undefined = not counted. */
  count?: number | undefined;
  tone?: Tone;
}

/** One filter of a list; its key stands in the address. */
export interface Filter {
  key: string;
  label: string;
  /** The most frequent values (the server sends at most 20); [] while they are not known. */
  values: readonly FacetValue[];
  /** Only one value at a time. */
  single?: boolean;
  /** Values that are not among `values` may be typed: the server has more than it lists. */
  open?: boolean;
  /** Searches all values of the server by a text; without it only those of `values` are looked through. */
  find?: (text: string, signal: AbortSignal) => Promise<readonly FacetValue[]>;
  /** Values that are typed and not chosen from a list: what they look like. */
  hint?: string;
  /** A single yes-or-no condition: shown as a chip that is on or off; its only value is in `values`. */
  toggle?: boolean;
  /** What is shown while nothing is chosen, where that is not everything. */
  usual?: string;
}
