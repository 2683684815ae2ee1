import { Foot } from "./Foot";
import { Head } from "./Head";
import type { TableProps } from "./props";
import { Row } from "./Row";
import type { Table } from "./useTable";
import { useWindow } from "./useWindow";

/** The table itself; rows outside the window are two empty ones of their height. Scrolling draws this anew and nothing around it. */
export function Grid<T>({ props, table }: { props: TableProps<T>; table: Table<T> }) {
  const { label, list, state, keyOf, nameOf, bulk } = props;
  const { body, columns, frozen, entries, picked, active, act, hrefOf } = table;
  const visible = useWindow(body, entries.length, table.narrow);
  table.rowHeight.current = visible.rowHeight;
  const selectable = bulk !== undefined;
  const span = columns.shown.length + (selectable ? 1 : 0);
  const total = list.total ?? frozen.rows.length;
  return (
    <>
      <table className="grid-table" aria-label={label} aria-rowcount={total + 1}>
        <Head columns={columns.shown} state={state} picked={selectable ? picked : undefined} loaded={frozen.rows.length} />
        <tbody ref={body}>
          <Spacer height={visible.from * visible.rowHeight} span={span} />
          {entries.slice(visible.from, visible.to).map((entry, at) => {
            if ("text" in entry) return <Section key={`section ${visible.from + at}`} text={entry.text} span={span} />;
            const key = keyOf(entry.row);
            return (
              <Row
                key={key}
                row={entry.row}
                rowKey={key}
                columns={columns.shown}
                place={entry.index + 1}
                href={hrefOf(entry.row)}
                name={nameOf(entry.row)}
                open={key === state.sel}
                active={key === active}
                gone={frozen.gone.has(key)}
                chosen={selectable ? picked.has(key) : undefined}
                act={act}
              />
            );
          })}
          <Spacer height={(entries.length - visible.to) * visible.rowHeight} span={span} />
        </tbody>
      </table>
      <Foot list={list} near={visible.to >= entries.length} />
    </>
  );
}

function Section({ text, span }: { text: string; span: number }) {
  return (
    <tr className="section">
      <th colSpan={span} scope="colgroup">
        {text}
      </th>
    </tr>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}
