import { useNavigate, useRouter } from "@tanstack/react-router";
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
import { useAddresses } from "./useAddresses";

export interface Table<T> {
  body: RefObject<HTMLTableSectionElement | null>;
  columns: Columns<T>;
  frozen: Frozen<T>;
  entries: readonly Entry<T>[];
  /** How high a row is: told by what draws them. */
  rowHeight: RefObject<number>;
  narrow: boolean;
  picked: Selecting<T>;
  /** Key of the row that keys act on. */
  active: string | undefined;
  act: RowActs;
  /** Where a row leads, as the address shows it; undefined = nowhere. */
  hrefOf: (row: T) => string | undefined;
}

/** All that a list remembers while it is on screen. */
export function useTable<T>({ name, columns, list, state, keyOf, opens, bulk, section }: TableProps<T>): Table<T> {
  const navigate = useNavigate();
  const router = useRouter();
  const narrow = useNarrow(760);
  const body = useRef<HTMLTableSectionElement>(null);
  const picked = useSelection(list.rows, keyOf, state.id, list.total);
  const frozen = useFrozen(
    { rows: list.rows, complete: !list.more, keyOf },
    { list: state.id, placeholder: list.placeholder, selected: state.sel !== undefined || picked.count > 0 },
  );
  const entries = useMemo(() => entriesOf(frozen.rows, section), [frozen.rows, section]);
  const rowHeight = useRef(30);
  const keys = useMemo(() => frozen.rows.map(keyOf), [frozen.rows, keyOf]);
  const pathOf = (key: string | undefined): string | undefined => {
    const row = key === undefined ? undefined : frozen.rows[keys.indexOf(key)];
    return typeof opens === "function" && row !== undefined ? opens(row) : undefined;
  };
  const addresses = useAddresses();
  const hrefOf = (row: T): string | undefined => (typeof opens === "function" ? addresses.page(opens(row)) : opens && addresses.drawer(keyOf(row)));
  const open = (key: string | undefined): void => {
    const path = pathOf(key);
    if (path !== undefined) void navigate({ to: path });
    else state.set({ sel: key }, { replace: state.sel !== undefined && key !== undefined });
  };
  const toggle = (key: string, range: boolean): void => (range ? picked.extend(key) : picked.toggle(key));
  const near = (key: string): void => {
    const path = pathOf(key);
    if (path !== undefined) void router.preloadRoute({ to: path });
  };
  const latest = useRef({ open, toggle, near });
  latest.current = { open, toggle, near };
  // rows are drawn anew when what they get changes: what they call stays the same
  const act = useMemo<RowActs>(
    () => ({
      open: (key) => latest.current.open(key),
      toggle: (key, range) => latest.current.toggle(key, range),
      near: (key) => latest.current.near(key),
    }),
    [],
  );
  const active = useRowKeys({
    keys,
    sel: state.sel,
    open,
    toggle: bulk ? toggle : undefined,
    opens: opens !== undefined,
    reveal: (index) => scrollToRow(body.current, entries.findIndex((one) => one.index === index), rowHeight.current),
  });
  return { body, columns: useColumns(name, columns), frozen, entries, rowHeight, narrow, picked, active, act, hrefOf };
}
