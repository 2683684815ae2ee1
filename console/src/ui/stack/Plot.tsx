import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useDark } from "../../app/prefs";
import { type Band, type Marker, type PanelSpec, piled, rangeOf } from "./model";

/** Room for the numbers of the axis, and beside the last time: the labels above stand on the same measure. */
export const LEFT = 54;
export const RIGHT = 14;

interface Props {
  panel: PanelSpec;
  times: readonly number[];
  markers: readonly Marker[];
  bands: readonly Band[];
  /** The time axis is drawn below the last panel only. */
  last: boolean;
  sync: string;
  label: string;
  clock: (seconds: number) => string;
  onHover: (index: number | null) => void;
  onRange: (from: number, to: number) => void;
}

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** One panel of a stack. */
export function Plot(props: Props) {
  const { panel, times, last, label } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = useDark();
  const latest = useRef(props);
  latest.current = props;
  const shape = [panel.kind, panel.height, last, dark, ...panel.series.map(({ color }) => color)].join(" ");

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(options(latest, element.clientWidth), dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: latest.current.panel.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // `shape` stands for what changes how a panel is drawn; data, markers and bands are read when it is drawn anew
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
    // the same data in another language or zone has other words at its axes, which data alone does not renew
    plot.current?.redraw(false, true);
  }, [times, panel, props.markers, props.bands, props.clock]);

  return <div ref={place} role="img" aria-label={label} style={{ height: panel.height }} />;
}

type Latest = { readonly current: Props };

/** Bars are drawn from the highest pile down, so that each covers the part below it. */
function dataOf({ panel, times }: Props): uPlot.AlignedData {
  const values = panel.kind === "bars" ? piled(panel.series).reverse() : panel.series.map((one) => [...one.values]);
  return [[...times], ...values];
}

/** Points without a neighbour: no line leads to them, so they are drawn as dots. */
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const empty = (index: number): boolean => values[index] === null || values[index] === undefined;
  return [...values.keys()].filter((index) => !empty(index) && empty(index - 1) && empty(index + 1));
}

function options(latest: Latest, width: number): uPlot.Options {
  const { panel, last, sync } = latest.current;
  const grid = { stroke: token("--grid"), width: 1 };
  const text = { stroke: token("--tx3"), font: `11px ${token("--sans")}`, ticks: { show: false }, grid };
  const bars = uPlot.paths.bars?.({ size: [0.82, 14], align: 1 });
  const colors = panel.series.map(({ color }) => token(color));
  const drawn = panel.kind === "bars" ? [...colors].reverse() : colors;
  return {
    width,
    height: panel.height,
    legend: { show: false },
    padding: [6, RIGHT, last ? 0 : 6, 0],
    cursor: {
      sync: { key: sync },
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 6, show: panel.kind === "line" },
    },
    scales: { x: { time: true }, y: { range: (_, least, most) => rangeOf(latest.current.panel, least, most) } },
    axes: [
      { ...text, size: last ? 24 : 0, space: 70, values: (_, splits) => splits.map((at) => (last ? latest.current.clock(at) : "")) },
      { ...text, size: LEFT, space: 30, gap: 6, ...(panel.steps ? { incrs: [...panel.steps] } : {}), values: (_, splits) => splits.map((value) => latest.current.panel.format(value)) },
    ],
    series: [
      {},
      ...drawn.map((stroke): uPlot.Series =>
        panel.kind === "bars" && bars
          ? { stroke, fill: stroke, width: 0, paths: bars, points: { show: false } }
          : { stroke, width: 1.6, points: { size: 4, fill: stroke, filter: lonely }, ...(drawn.length === 1 ? { fill: `${stroke}14` } : {}) },
      ),
    ],
    hooks: {
      drawClear: [(u) => shade(u, latest.current)],
      draw: [(u) => lines(u, latest.current)],
      setCursor: [(u) => latest.current.onHover(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          const { left, width: wide } = u.select;
          // the panels beside it are told of the same selection: only the one under the pointer speaks
          if (wide > 4 && u.cursor.event) latest.current.onRange(u.posToVal(left, "x"), u.posToVal(left + wide, "x"));
          if (wide > 0) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** More windows than this are stripes: they stay in the panel that they are told of, one whose values are a share. */
const STRIPES = 6;

function shade(u: uPlot, { bands, panel }: Props): void {
  const { ctx, bbox } = u;
  if (bands.length > STRIPES && panel.ceiling === undefined) return;
  ctx.save();
  ctx.globalAlpha = 0.09;
  for (const { from, to, tone } of bands) {
    const left = Math.max(bbox.left, u.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, "x", true));
    ctx.fillStyle = token(`--${tone}-f`);
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

function lines(u: uPlot, { panel, markers }: Props): void {
  const { ctx, bbox } = u;
  const scale = window.devicePixelRatio || 1;
  ctx.save();
  ctx.lineWidth = 1.2 * scale;
  for (const { at, tone } of markers) {
    const x = u.valToPos(at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash(tone === "mute" ? [3 * scale, 3 * scale] : []);
    ctx.strokeStyle = token(`--${tone}-f`);
    stroke(ctx, x, bbox.top - 6 * scale, x, bbox.top + bbox.height + 6 * scale);
  }
  if (panel.threshold) {
    const y = u.valToPos(panel.threshold.value, "y", true);
    ctx.setLineDash([5 * scale, 4 * scale]);
    ctx.strokeStyle = token("--crit-f");
    stroke(ctx, bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.restore();
}

function stroke(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
