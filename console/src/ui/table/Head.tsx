import { useEffect, useRef } from "react";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { cellClass } from "./Row";
import type { Column } from "./types";
import type { Selecting } from "./useSelection";

interface Props<T> {
  columns: readonly Column<T>[];
  state: ListState;
  picked: Selecting<T> | undefined;
  loaded: number;
}

/** Names of the columns; the server sorts by those that are buttons. */
export function Head<T>({ columns, state, picked, loaded }: Props<T>) {
  const { t } = useI18n();
  return (
    <thead>
      <tr aria-rowindex={1}>
        {picked && (
          <th className="c-pick">
            <PickAll picked={picked} loaded={loaded} label={t("table.pick.loaded")} />
          </th>
        )}
        {columns.map((column) => {
          const order = state.sort === column.key ? "ascending" : state.sort === `-${column.key}` ? "descending" : undefined;
          return (
            <th
              key={column.key}
              scope="col"
              className={cellClass(column)}
              style={column.width === undefined ? undefined : { width: column.width }}
              aria-sort={column.sortable ? (order ?? "none") : undefined}
            >
              {column.sortable ? (
                <button
                  type="button"
                  className="sorter"
                  onClick={() => state.set({ sort: next(column.key, state.sort) })}
                >
                  {column.title}
                  <span className={order ? "order" : "order off"}>
                    <Icon name={order === "ascending" ? "up" : "down"} size={11} />
                  </span>
                </button>
              ) : (
                column.title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** Descending first, then ascending, then the server's own order. */
function next(key: string, sort: string | undefined): string | undefined {
  if (sort === `-${key}`) return key;
  return sort === key ? undefined : `-${key}`;
}

function PickAll<T>({ picked, loaded, label }: { picked: Selecting<T>; loaded: number; label: string }) {
  const box = useRef<HTMLInputElement>(null);
  const some = picked.count > 0 && !picked.everything && picked.rows.length < loaded;
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={label}
      checked={picked.count > 0 && !some}
      onChange={picked.toggleLoaded}
    />
  );
}
