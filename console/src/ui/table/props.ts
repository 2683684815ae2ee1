import type { ReactNode } from "react";
import type { ListState } from "../../app/listSearch";
import type { Filter } from "../filter/types";
import type { BuiltinView } from "../views/views";
import type { Column, List, Selection } from "./types";

/** What a list needs from its page. */
export interface TableProps<T> {
  /** Names the list: its columns are remembered under it, its files are named by it. */
  name: string;
  label: string;
  columns: readonly Column<T>[];
  list: List<T>;
  state: ListState;
  keyOf: (row: T) => string;
  /** What people call a row. */
  nameOf: (row: T) => string;
  /** What opening a row does: the drawer (`sel` in the address), the path it returns, or nothing. */
  opens?: "drawer" | ((row: T) => string);
  filters?: readonly Filter[];
  /** Placeholder of the text search; none = the list has none. */
  search?: string;
  /** Stands in the tool bar, before columns and export. */
  tools?: ReactNode;
  /** Actions on what is chosen; none = rows cannot be chosen. */
  bulk?: (selection: Selection<T>) => ReactNode;
  /** Rows with the same word stand under one head line. */
  section?: (row: T) => string;
  /** Views of the list that every reader has. */
  views?: readonly BuiltinView[];
  /** Shown when nothing is there and no filter is set. */
  empty: ReactNode;
}
