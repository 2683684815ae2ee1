import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useMemo, useRef } from "react";
import { type Entry, entriesOf } from "./entries";
import type { TableProps } from "./props";
import type { RowActs } from "./Row";
import { scrollToRow } from "./scroll";
import { type Columns, useColumns } from "./useColumns";
import { type Frozen, useFrozen } from "./useFrozen";
import { useNarrow } from "./useNarrow";
import { useRowKeys } from "./useRowKeys";
import { type Selecting, useSelection } from "./useSelection";
import { useWindow, type Visible } from "./useWindow";

export interface Table<T> {
  body: RefObject<HTMLTableSectionElement | null>;
  columns: Columns<T>;
  frozen: Frozen<T>;
  entries: readonly Entry<T>[];
  visible: Visible;
  picked: Selecting<T>;
  /** Key of the row that keys act on. */
  active: string | undefined;
  act: RowActs;
  /** Where a row leads: a path, null = its drawer, undefined = nowhere. */
  hrefOf: (row: T) => string | null | undefined;
}

/** All that a list remembers while it is on screen. */
export function useTable<T>({ name, columns, list, state, keyOf, opens, bulk, section }: TableProps<T>): Table<T> {
  const navigate = useNavigate();
  const narrow = useNarrow(760);
  const body = useRef<HTMLTableSectionElement>(null);
  const picked = useSelection(list.rows, keyOf, state.id, list.total);
  const frozen = useFrozen(
    { rows: list.rows, complete: !list.more, keyOf },
    `${state.id} ${list.placeholder}`,
    state.sel !== undefined || picked.count > 0,
  );
  const entries = useMemo(() => entriesOf(frozen.rows, section), [frozen.rows, section]);
  const visible = useWindow(body, entries.length, narrow);
  const keys = useMemo(() => frozen.rows.map(keyOf), [frozen.rows, keyOf]);
  const hrefOf = (row: T): string | null | undefined => (typeof opens === "function" ? opens(row) : opens && null);
  const open = (key: string | undefined): void => {
    const row = key === undefined ? undefined : frozen.rows[keys.indexOf(key)];
    const href = row && hrefOf(row);
    if (typeof href === "string") void navigate({ to: href });
    else state.set({ sel: key }, { replace: state.sel !== undefined && key !== undefined });
  };
  const toggle = (key: string, range: boolean): void => (range ? picked.extend(key) : picked.toggle(key));
  const latest = useRef({ open, toggle });
  latest.current = { open, toggle };
  // rows are drawn anew when what they get changes: what they call stays the same
  const act = useMemo<RowActs>(
    () => ({ open: (key) => latest.current.open(key), toggle: (key, range) => latest.current.toggle(key, range) }),
    [],
  );
  const active = useRowKeys({
    keys,
    sel: state.sel,
    open,
    toggle: bulk ? toggle : undefined,
    opens: opens !== undefined,
    reveal: (index) => scrollToRow(body.current, entries.findIndex((one) => one.index === index), visible.rowHeight),
  });
  return { body, columns: useColumns(name, columns), frozen, entries, visible, picked, active, act, hrefOf };
}
