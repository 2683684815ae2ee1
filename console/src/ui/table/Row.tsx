import { memo, type MouseEvent as RowClick, type ReactNode } from "react";
import { useI18n } from "../../i18n/context";
import type { Column } from "./types";

export interface RowProps<T> {
  row: T;
  rowKey: string;
  columns: readonly Column<T>[];
  /** Its place in the whole list, from 1. */
  place: number;
  /** Where opening leads, as the address shows it; undefined = nowhere. */
  href: string | undefined;
  name: string;
  open: boolean;
  active: boolean;
  gone: boolean;
  /** undefined = rows cannot be chosen. */
  chosen: boolean | undefined;
  act: RowActs;
}

export interface RowActs {
  open: (key: string) => void;
  /** The pointer is on what opens: what it leads to may be fetched. */
  near: (key: string) => void;
  toggle: (key: string, range: boolean) => void;
}

const PHONE = { title: "p-title", aside: "p-aside", line: "p-line", none: "p-none" } as const;

export function cellClass<T>(column: Column<T>): string {
  const phone = column.phone ?? (column.optional ? "none" : "line");
  const below = column.hideBelow ? ` below-${column.hideBelow}` : "";
  return `${column.align === "end" ? "num " : ""}${PHONE[phone]}${below}`;
}

/** Nothing to say: a phone leaves the line out. */
function isBlank<T>(column: Column<T>, row: T): boolean {
  const text = column.text?.(row);
  return text === "" || text === null;
}

/** Clicks on what does something itself are not clicks on the row. */
const isOwn = (event: RowClick): boolean =>
  event.target instanceof Element && event.target.closest("a, button, input, label, summary") !== null;

function RowOf<T>({ row, rowKey, columns, place, href, name, open, active, gone, chosen, act }: RowProps<T>) {
  const { t } = useI18n();
  const opens = href !== undefined;
  return (
    <tr
      data-row={rowKey}
      className={`${open ? "sel " : ""}${active ? "active " : ""}${gone ? "gone " : ""}${opens ? "opens" : ""}`}
      aria-rowindex={place + 1}
      aria-selected={chosen ?? open}
      onClick={(event) => {
        if (opens && !isOwn(event) && !window.getSelection()?.toString()) act.open(rowKey);
      }}
    >
      {chosen !== undefined && (
        <td className="c-pick">
          <input
            type="checkbox"
            aria-label={t("table.pick", { name })}
            checked={chosen}
            onChange={(event) => act.toggle(rowKey, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.key} className={isBlank(column, row) ? `${cellClass(column)} blank` : cellClass(column)} data-label={column.title}>
          {column.primary && opens ? (
            <Opener href={href} rowKey={rowKey} act={act}>
              {column.render(row)}
            </Opener>
          ) : (
            column.render(row)
          )}
        </td>
      ))}
    </tr>
  );
}

interface OpenerProps {
  href: string;
  rowKey: string;
  act: RowActs;
  children: ReactNode;
}

/** A plain link: one that watches the router would cost as much as the rest of its row. */
function Opener({ href, rowKey, act, children }: OpenerProps) {
  return (
    <a
      href={href}
      className="row-open"
      onPointerEnter={() => act.near(rowKey)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        act.open(rowKey);
      }}
    >
      {children}
    </a>
  );
}

/** One row; drawn anew only when something of it changed. */
export const Row = memo(RowOf) as typeof RowOf;
