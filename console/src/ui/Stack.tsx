import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useI18n } from "../i18n/context";
import { formatClock } from "../i18n/format";
import { serverNow } from "../live/now";
import { type Band, labelOf, type Marker, type PanelSpec, placeLabels } from "./stack/model";
import { LEFT, Plot, RIGHT } from "./stack/Plot";

interface Props {
  /** Seconds since 1970, one for each value of the panels. */
  times: readonly number[];
  panels: readonly PanelSpec[];
  markers?: readonly Marker[];
  bands?: readonly Band[];
  /** The same as numbers. */
  table: boolean;
  /** What the picture says, in a sentence. */
  label: string;
  /** A stretch of time was drawn over. */
  onRange?: (from: number, to: number) => void;
}

const DAY_S = 86_400;
const NONE: readonly never[] = [];

/** Panels over each other that share the time axis and the crosshair; changes are vertical lines with a label. */
export function Stack({ times, panels, markers = NONE, bands = NONE, table, label, onRange }: Props) {
  const sync = useId();
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = useMemo(() => inside(markers, times), [markers, times]);
  if (table) return <Numbers times={times} panels={panels} label={label} />;
  const clock = clockOf(times);
  const at = hovered === null ? undefined : times[hovered];
  return (
    <div className="stack-panels">
      {shown.length > 0 && <Labels markers={shown} times={times} />}
      {panels.map((panel, index) => (
        <div key={panel.id} className="panel">
          <Legend panel={panel} hovered={hovered} at={index === 0 ? at : undefined} />
          <Plot
            panel={panel}
            times={times}
            markers={shown}
            bands={bands}
            last={index === panels.length - 1}
            sync={sync}
            label={label}
            clock={clock}
            onHover={setHovered}
            onRange={(from, to) => onRange?.(from, to)}
          />
        </div>
      ))}
    </div>
  );
}

/** Times of an axis: with the date when more than a day is shown. */
function clockOf(times: readonly number[]): (seconds: number) => string {
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > DAY_S;
  return (seconds) => {
    const at = new Date(seconds * 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
    return long ? `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}` : time;
  };
}

function inside(markers: readonly Marker[], times: readonly number[]): Marker[] {
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0];
  return markers.filter(({ at }) => at >= from && at <= to);
}

function Legend({ panel, hovered, at }: { panel: PanelSpec; hovered: number | null; at: number | undefined }) {
  const { t } = useI18n();
  const value = (values: readonly (number | null)[]): string => {
    const known = hovered === null ? undefined : values[hovered];
    return known === null || known === undefined ? t("none") : panel.format(known);
  };
  return (
    <div className="panel-name">
      <span className="el">{panel.name}</span>
      {panel.series.map((series) => (
        <span key={series.name} className="panel-series">
          {panel.series.length > 1 && <i style={{ background: `var(${series.color})` }} aria-hidden="true" />}
          {panel.series.length > 1 && series.name}
          {hovered !== null && <b>{value(series.values)}</b>}
        </span>
      ))}
      {/* beside the name: a word in the picture would lie over what is drawn there */}
      {panel.threshold && <span className="panel-limit">{panel.threshold.label}</span>}
      {at !== undefined && <span className="panel-at">{formatClock(at * 1000, serverNow())}</span>}
    </div>
  );
}

/** The names of the changes, above their lines. */
function Labels({ markers, times }: { markers: readonly Marker[]; times: readonly number[] }) {
  const { t } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 1];
  const xOf = (at: number): number => LEFT + ((at - from) / Math.max(1, to - from)) * (width - LEFT - RIGHT);
  const many = (count: number): string => t("stack.changes", { count });
  return (
    <div ref={box} className="stack-labels">
      {width > 0 &&
        placeLabels(markers, xOf, width, many).map(({ markers: together, left, width: wide }) => {
          const first = together[0];
          const title = together.map((one) => `${formatClock(one.at * 1000, serverNow())} ${one.label}`).join("\n");
          const text = labelOf(together, many);
          const props = { className: `stack-label ${first?.tone ?? "mute"}`, title, style: { left, width: wide } };
          return first?.href !== undefined && together.length === 1 ? (
            <a key={first.id} href={first.href} {...props}>
              {text}
            </a>
          ) : (
            <span key={first?.id} {...props}>
              {text}
            </span>
          );
        })}
    </div>
  );
}

/** The same as numbers, newest first. */
function Numbers({ times, panels, label }: Pick<Props, "times" | "panels" | "label">) {
  const { t } = useI18n();
  const now = serverNow();
  const columns = panels.flatMap((panel) => panel.series.map((series) => ({ panel, series })));
  return (
    <div className="numbers" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th>{t("stack.time")}</th>
            {columns.map(({ panel, series }) => (
              <th key={`${panel.id} ${series.name}`} className="num">
                {panel.series.length > 1 ? `${panel.name} · ${series.name}` : panel.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .map((at, index) => (
              <tr key={at}>
                <td>{formatClock(at * 1000, now)}</td>
                {columns.map(({ panel, series }) => {
                  const value = series.values[index];
                  return (
                    <td key={`${panel.id} ${series.name}`} className="num">
                      {value === null || value === undefined ? t("none") : panel.format(value)}
                    </td>
                  );
                })}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}
