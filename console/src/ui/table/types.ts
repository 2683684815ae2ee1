import type { ReactNode } from "react";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** CSS width; the columns without one share what is left. */
  width?: number | string;
  align?: "end";
  /** The server can sort by this column's key. */
  sortable?: boolean;
  /** Hidden until the reader asks for it. */
  optional?: boolean;
  /** The column that names the row: it carries the link that opens it. */
  primary?: boolean;
  /** Left out on windows narrower than this. */
  hideBelow?: 1440 | 1280 | 1100 | 900;
  /** Where it goes when rows become cards on a phone; "none" by default for optional columns, else "line". */
  phone?: "title" | "aside" | "line" | "none";
  /** The cell as text, for the export; a column without is not exported. */
  text?: (row: T) => string | number | null;
}

/** One list of the server, page after page. */
export interface List<T> {
  rows: T[];
  /** How many match, null = not counted by the server. */
  total: number | null;
  /** The total is a lower bound. */
  atLeast: boolean;
  /** Further pages exist. */
  more: boolean;
  fetchMore: () => void;
  fetchingMore: boolean;
  /** No answer yet. */
  pending: boolean;
  /** Rows of the filter before are shown until the new ones are there. */
  placeholder: boolean;
  /** The list is long and no longer renewed by itself; something in it is newer. */
  outdated: boolean;
  error: Error | null;
  /** When the rows on screen were fetched, ms. */
  fetchedAt: number;
  refetch: () => void;
  /** All rows of the filtered list, for the export; stops at `most`. */
  all: (most: number, signal: AbortSignal) => Promise<T[]>;
}

/** What is chosen in a list: some rows, or all that the filter finds. */
export interface Selection<T> {
  rows: T[];
  keys: readonly string[];
  /** All that the filter finds is meant, also what was not loaded. */
  everything: boolean;
  count: number;
  clear: () => void;
}
