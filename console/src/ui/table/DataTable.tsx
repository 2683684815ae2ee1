import { useNavigate } from "@tanstack/react-router";
import { type CSSProperties, type ReactNode, useMemo, useRef } from "react";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { FilterBar } from "../filter/FilterBar";
import type { Filter } from "../filter/types";
import { EmptyFiltered, ErrorBlock, Loading } from "../StateBlock";
import type { BuiltinView } from "../views/views";
import { Foot } from "./Foot";
import { Head } from "./Head";
import { Row, type RowActs } from "./Row";
import { scrollToRow } from "./scroll";
import { TableTools } from "./TableTools";
import type { Column, List, Selection } from "./types";
import { useColumns } from "./useColumns";
import { useFrozen } from "./useFrozen";
import { useNarrow } from "./useNarrow";
import { useRowKeys } from "./useRowKeys";
import { useSelection } from "./useSelection";
import { useWindow } from "./useWindow";

const NO_VIEWS: readonly BuiltinView[] = [];

interface Props<T> {
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

/** A list of the server: filters, order, frozen rows, columns, choice, keys, export; draws only what is in the window. */
export function DataTable<T>(props: Props<T>) {
  const { name, label, columns, list, state, keyOf, nameOf, opens, filters = [], bulk } = props;
  const { t } = useI18n();
  const navigate = useNavigate();
  const narrow = useNarrow(760);
  const body = useRef<HTMLTableSectionElement>(null);
  const chosenColumns = useColumns(name, columns);
  const selectable = bulk !== undefined;
  const picked = useSelection(list.rows, keyOf, state.id, list.total);
  const frozen = useFrozen(
    { rows: list.rows, complete: !list.more, keyOf },
    `${state.id} ${list.placeholder}`,
    state.sel !== undefined || picked.count > 0,
  );
  const entries = useMemo(() => entriesOf(frozen.rows, props.section), [frozen.rows, props.section]);
  const visible = useWindow(body, entries.length, narrow);
  const hrefOf = (row: T): string | null | undefined => (typeof opens === "function" ? opens(row) : opens && null);
  const open = (key: string | undefined): void => {
    const row = key === undefined ? undefined : frozen.rows.find((one) => keyOf(one) === key);
    const href = row && hrefOf(row);
    if (typeof href === "string") void navigate({ to: href });
    else state.set({ sel: key }, { replace: state.sel !== undefined && key !== undefined });
  };
  const toggle = (key: string, range: boolean): void => (range ? picked.extend(key) : picked.toggle(key));
  const acts = useRef({ open, toggle });
  acts.current = { open, toggle };
  const act = useMemo<RowActs>(
    () => ({ open: (key) => acts.current.open(key), toggle: (key, range) => acts.current.toggle(key, range) }),
    [],
  );
  const keys = useMemo(() => frozen.rows.map(keyOf), [frozen.rows, keyOf]);
  const reveal = (index: number): void => scrollToRow(body.current, entries.findIndex((one) => one.index === index), visible.rowHeight);
  const active = useRowKeys({
    keys,
    sel: state.sel,
    open,
    toggle: selectable ? toggle : undefined,
    opens: opens !== undefined,
    reveal,
  });
  const shown = chosenColumns.shown;
  const nothing = !list.pending && frozen.rows.length === 0;
  const before = visible.from * visible.rowHeight;
  const after = (entries.length - visible.to) * visible.rowHeight;
  return (
    <div className="data-table" aria-busy={list.placeholder} {...frozen.reading}>
      <FilterBar
        filters={filters}
        state={state}
        {...(props.search === undefined ? {} : { search: props.search })}
        tools={
          <>
            {props.tools}
            <TableTools name={name} state={state} builtin={props.views ?? NO_VIEWS} columns={chosenColumns} all={columns} list={list} />
          </>
        }
      />
      {selectable && picked.count > 0 && (
        <div className="picked" role="group" aria-label={t("table.picked.label")}>
          <strong>{t(picked.everything ? "table.picked.all" : "table.picked", { count: picked.count })}</strong>
          {!picked.everything && list.more && picked.count === list.rows.length && (
            <button type="button" className="button ghost small" onClick={picked.takeEverything}>
              {list.total === null ? t("table.pick.everything") : t("table.pick.total", { count: list.total })}
            </button>
          )}
          <span className="picked-acts">{bulk(picked)}</span>
          <button type="button" className="button ghost small" onClick={picked.clear}>
            {t("table.pick.none")}
          </button>
        </div>
      )}
      {(frozen.changes > 0 || list.outdated) && (
        <button
          type="button"
          className="button small frozen"
          onClick={() => (list.outdated ? list.refetch() : undefined, frozen.accept())}
        >
          {frozen.changes > 0 ? t("table.frozen", { count: frozen.changes }) : t("table.outdated")}
        </button>
      )}
      {list.error && (
        <ErrorBlock
          error={list.error}
          retry={list.refetch}
          {...(list.rows.length ? { age: formatClock(list.fetchedAt, Date.now()) } : {})}
        />
      )}
      {list.pending && !list.error && <Loading rows={8} />}
      {nothing && !list.error && (state.filtered ? <EmptyFiltered filters={filters} state={state} /> : props.empty)}
      {frozen.rows.length > 0 && (
        <table
          className="grid-table"
          aria-label={label}
          aria-rowcount={(list.total ?? frozen.rows.length) + 1}
        >
          <Head columns={shown} state={state} picked={selectable ? picked : undefined} loaded={frozen.rows.length} />
          <tbody ref={body}>
            {before > 0 && <Spacer height={before} span={shown.length + (selectable ? 1 : 0)} />}
            {entries.slice(visible.from, visible.to).map((entry) =>
              entry.row === undefined ? (
                <tr key={`section ${entry.text}`} className="section">
                  <th colSpan={shown.length + (selectable ? 1 : 0)} scope="colgroup">
                    {entry.text}
                  </th>
                </tr>
              ) : (
                <Row
                  key={keyOf(entry.row)}
                  row={entry.row}
                  rowKey={keyOf(entry.row)}
                  columns={shown}
                  place={entry.index + 1}
                  href={hrefOf(entry.row)}
                  name={nameOf(entry.row)}
                  open={keyOf(entry.row) === state.sel}
                  active={keyOf(entry.row) === active}
                  gone={frozen.gone.has(keyOf(entry.row))}
                  chosen={selectable ? picked.has(keyOf(entry.row)) : undefined}
                  act={act}
                />
              ),
            )}
            {after > 0 && <Spacer height={after} span={shown.length + (selectable ? 1 : 0)} />}
          </tbody>
        </table>
      )}
      {frozen.rows.length > 0 && <Foot list={list} near={visible.to >= entries.length} />}
    </div>
  );
}

type Entry<T> = { row: T; index: number; text?: never } | { row?: never; index: -1; text: string };

function entriesOf<T>(rows: readonly T[], section: ((row: T) => string) | undefined): Entry<T>[] {
  const entries: Entry<T>[] = [];
  let last: string | undefined;
  rows.forEach((row, index) => {
    const word = section?.(row);
    if (word !== undefined && word !== last) entries.push({ index: -1, text: word });
    last = word;
    entries.push({ row, index });
  });
  return entries;
}

function Spacer({ height, span }: { height: number; span: number }) {
  const style: CSSProperties = { height };
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={span} style={style} />
    </tr>
  );
}
