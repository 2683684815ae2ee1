import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { useDark } from "../app/prefs";

interface Props {
  name: string;
  times: number[];
  values: (number | null)[];
  kind: "line" | "bars";
  /** Name of a colour token. */
  color: string;
  height: number;
  /** The time axis is drawn below the last panel of a stack only. */
  last: boolean;
  label: string;
  format: (value: number) => string;
}

const SYNC = "signals";
const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** One panel of a stack: panels share the time axis and the crosshair; y starts at 0. */
export function Panel(props: Props) {
  const { name, times, values, label, format } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [hovered, setHovered] = useState<number | null>(null);
  const dark = useDark();
  const shape = `${props.kind} ${props.color} ${props.height} ${props.last} ${dark}`;
  const latest = useRef({ format, times, values });
  latest.current = { format, times, values };

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      options(props, element.clientWidth, (value) => latest.current.format(value), setHovered),
      [latest.current.times, latest.current.values],
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: props.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // `shape` stands for the props that change how a panel is drawn; data and format have their own effect
  }, [shape]);

  useEffect(() => plot.current?.setData([times, values]), [times, values, format]);

  const value = hovered === null ? undefined : values[hovered];
  return (
    <div className="panel">
      <div className="panel-name">
        <i style={{ background: `var(${props.color})` }} aria-hidden="true" />
        {name}
        {value !== undefined && value !== null && <span className="panel-value">{format(value)}</span>}
      </div>
      <div ref={place} role="img" aria-label={label} style={{ height: props.height }} />
    </div>
  );
}

/** Points without a neighbour: no line leads to them, so they are drawn as dots. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const empty = (index: number): boolean => values[index] === null || values[index] === undefined;
  return [...values.keys()].filter((i) => !empty(i) && empty(i - 1) && empty(i + 1));
}

function options(
  { kind, color, height, last }: Props,
  width: number,
  format: (value: number) => string,
  hover: (index: number | null) => void,
): uPlot.Options {
  const stroke = token(color);
  const grid = { stroke: token("--grid"), width: 1 };
  const text = { stroke: token("--tx3"), font: `11px ${token("--sans")}`, ticks: { show: false }, grid };
  const bars = uPlot.paths.bars?.({ size: [0.8, 12], align: 1 });
  return {
    width,
    height,
    legend: { show: false },
    padding: [6, 18, last ? 0 : 6, 0],
    cursor: { sync: { key: SYNC }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      {
        ...text, size: last ? 24 : 0, space: 70,
        values: (_, splits) =>
          splits.map((s) => (last ? new Date(s * 1000).toTimeString().slice(0, 5) : "")),
      },
      { ...text, size: 58, space: 30, gap: 6, values: (_, splits) => splits.map((split) => format(split)) },
    ],
    series: [
      {},
      kind === "bars" && bars
        ? { stroke, fill: stroke, width: 0, paths: bars, points: { show: false } }
        : { stroke, fill: `${stroke}1a`, width: 1.6, points: { size: 4, fill: stroke, filter: lonely } },
    ],
    hooks: { setCursor: [(u) => hover(u.cursor.idx ?? null)] },
  };
}
