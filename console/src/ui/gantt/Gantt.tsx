import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { Segments } from "../Segments";
import { Status } from "../Status";
import { TimeText } from "../TimeText";
import { useWidth } from "../useWidth";
import { BarShape, ROW } from "./BarShape";
import { type Lane, type Place, placed, type Placed, spanOf, ticksOf, walk, widthOf } from "./model";
import "../../styles/gantt.css";
import "../../styles/plain.css";

interface Props {
  label: string;
  lanes: readonly Lane[];
  /** Server time in ms; what goes on is drawn up to it. */
  now: number;
  /** Key of the chosen bar. */
  chosen?: string | undefined;
  choose: (key: string) => void;
}

const HEAD = 24;
const TICK_PX = 84;

/** Attempts over time, a row each: failed ones hatched, waits dashed, what goes on up to now. Arrow keys walk, Enter chooses; the same as a table. */
export function Gantt({ label, lanes, now, chosen, choose }: Props) {
  const { t } = useI18n();
  const [view, setView] = useState<"picture" | "table">("picture");
  return (
    <div className="gantt">
      <div className="gantt-tools">
        <Segments label={t("gantt.view")} value={view} onChange={setView} options={[{ value: "picture", label: t("gantt.picture") }, { value: "table", label: t("gantt.table") }]} />
      </div>
      {view === "picture" ? <Picture label={label} lanes={lanes} now={now} chosen={chosen} choose={choose} /> : <Table label={label} lanes={lanes} now={now} choose={choose} />}
    </div>
  );
}

function Picture({ label, lanes, now, chosen, choose }: Props) {
  const { t } = useI18n();
  const hatch = useId();
  const [box, width] = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const [at, setAt] = useState<Place | null>(null);
  const span = spanOf(lanes, now);
  const rows = width > 0 ? lanes.map((lane) => placed(lane, span, width, now)) : [];
  const height = HEAD + lanes.length * ROW + 6;
  const xOf = (time: number): number => ((time - span.from) / (span.to - span.from)) * width;
  const goesOn = lanes.some(({ bars }) => bars.some(({ to }) => to === null));
  const first = placeOf(rows, chosen) ?? placeOf(rows, undefined);
  const focused = at && rows[at.lane]?.[at.bar] ? at : first;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!focused) return;
    const bar = rows[focused.lane]?.[focused.bar]?.bar;
    if ((event.key === "Enter" || event.key === " ") && bar) {
      event.preventDefault();
      return choose(bar.key);
    }
    const next = walk(event.key, focused, rows);
    if (!next) return;
    event.preventDefault();
    setAt(next);
    svg.current?.querySelector<SVGGElement>(`[data-place="${next.lane} ${next.bar}"]`)?.focus();
  };
  return (
    <div className="gantt-picture">
      <div className="gantt-names" aria-hidden="true" style={{ paddingTop: HEAD }}>
        {lanes.map(({ key, name, sub, inner }) => (
          <div key={key} className={inner ? "gantt-name inner" : "gantt-name"} style={{ height: ROW }}>
            <b className="el" title={name}>{name}</b>
            {sub !== undefined && <span className="el dim" title={sub}>{sub}</span>}
          </div>
        ))}
      </div>
      <div ref={box} className="gantt-plot" style={{ height }}>
        {width > 0 && (
          <svg ref={svg} width={width} height={height} role="group" aria-label={label} onKeyDown={onKeyDown}>
            <defs>
              <pattern id={hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="7" height="7" className="g-hatch-ground" />
                <rect width="3" height="7" className="g-hatch-line" />
              </pattern>
            </defs>
            <g aria-hidden="true">
              {ticksOf(span, Math.max(2, width / TICK_PX)).map((tick, index) => (
                <g key={tick}>
                  <line className="g-grid" x1={xOf(span.from + tick)} x2={xOf(span.from + tick)} y1={HEAD - 4} y2={height} />
                  <text className="g-tick" x={xOf(span.from + tick)} y={13} textAnchor={index === 0 ? "start" : "middle"}>
                    {tick === 0 ? "0" : formatDuration(tick / 1000, t)}
                  </text>
                </g>
              ))}
            </g>
            {rows.map((row, lane) => (
              <Row key={lanes[lane]?.key} row={row} lane={lane} tail={lanes[lane]?.tail} hatch={hatch} focused={focused} chosen={chosen} width={width} choose={(key, bar) => (setAt({ lane, bar }), choose(key))} />
            ))}
            {goesOn && (
              <g aria-hidden="true">
                <line className="g-now" x1={xOf(now)} x2={xOf(now)} y1={HEAD - 6} y2={height} />
                <text className="g-now-word" x={Math.min(xOf(now), width - 14)} y={13} textAnchor="middle">{t("gantt.now")}</text>
              </g>
            )}
          </svg>
        )}
      </div>
    </div>
  );
}

/** Where the chosen bar is, or the first one there is. */
function placeOf(rows: readonly (readonly Placed[])[], key: string | undefined): Place | null {
  for (const [lane, row] of rows.entries()) {
    const bar = key === undefined ? (row.length ? 0 : -1) : row.findIndex((one) => one.bar.key === key);
    if (bar >= 0) return { lane, bar };
  }
  return null;
}

interface RowProps {
  row: readonly Placed[];
  lane: number;
  tail: string | undefined;
  hatch: string;
  focused: Place | null;
  chosen: string | undefined;
  width: number;
  choose: (key: string, bar: number) => void;
}

function Row({ row, lane, tail, hatch, focused, chosen, width, choose }: RowProps) {
  const y = HEAD + lane * ROW;
  const middle = y + ROW / 2;
  const last = row.at(-1);
  const end = last ? last.x + last.width : 0;
  const said = tail ?? (last && last.text !== last.bar.text ? last.bar.text : undefined);
  const beside = said !== undefined && end + 8 + widthOf(said) <= width ? said : undefined;
  return (
    <g>
      {row.some(({ bar }) => bar.key === chosen) && <rect className="g-chosen" x={0} y={y} width={width} height={ROW} aria-hidden="true" />}
      {row.slice(1).map((next, index) => {
        const before = row[index];
        return before && <line key={next.bar.key} className="g-wait" x1={before.x + before.width} x2={next.x} y1={middle} y2={middle} aria-hidden="true" />;
      })}
      {row.map((one, bar) => (
        <BarShape
          key={one.bar.key}
          placed={one}
          y={y}
          place={`${lane} ${bar}`}
          hatch={hatch}
          focusable={focused?.lane === lane && focused.bar === bar}
          chosen={one.bar.key === chosen}
          choose={() => choose(one.bar.key, bar)}
        />
      ))}
      {beside && <text className="g-tail" x={end + 6} y={middle + 4} aria-hidden="true">{beside}</text>}
    </g>
  );
}

function Table({ label, lanes, now, choose }: Pick<Props, "label" | "lanes" | "now" | "choose">) {
  const { t } = useI18n();
  return (
    <div className="scroll-x">
      <table className="plain-table" aria-label={label}>
        <thead>
          <tr>
            <th>{t("gantt.what")}</th>
            <th>{t("gantt.attempt")}</th>
            <th>{t("gantt.state")}</th>
            <th>{t("gantt.begin")}</th>
            <th className="num">{t("gantt.length")}</th>
          </tr>
        </thead>
        <tbody>
          {lanes.flatMap((lane) =>
            lane.bars.map((bar) => (
              <tr key={bar.key}>
                <td>{lane.name}</td>
                <td>
                  <button type="button" className="link" onClick={() => choose(bar.key)}>{bar.text || lane.name}</button>
                </td>
                <td><Status tone={bar.tone}>{bar.word}</Status></td>
                <td><TimeText at={new Date(bar.from).toISOString()} /></td>
                <td className="num">{bar.planned ? t("none") : formatDuration(Math.max(0, (bar.to ?? now) - bar.from) / 1000, t)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}
