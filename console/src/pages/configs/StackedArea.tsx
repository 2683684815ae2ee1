import { useState } from "react";
import { useI18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { useServerNow } from "../../live/now";
import { type Area, stacked, ticksOf } from "./course";

const COLORS = ["--c5", "--c4", "--c3", "--c2", "--c1"] as const;
const [WIDTH, HEIGHT] = [1000, 130];

/** Areas on each other, steps between moments; the pointer reads one moment. */
export function StackedArea({ times, lines }: { times: readonly number[]; lines: readonly Area[] }) {
  const { t } = useI18n();
  const now = useServerNow(60_000);
  const [place, setPlace] = useState<number>();
  const edges = stacked(lines);
  const top = Math.max(1, ...(edges.at(-1)?.map(([, high]) => high) ?? []));
  const nameOf = (number: number | null): string => (number === null ? t("coverage.older") : t("version.name", { number }));
  const shown = place ?? times.length - 1;
  const words = lines.map(({ number, agents }) => t("waves.count", { word: nameOf(number), count: agents[shown] ?? 0 })).toReversed();
  const color = (index: number): string => `var(${COLORS[COLORS.length - lines.length + index] ?? COLORS[0]})`;
  return (
    <div className="course">
      <p className="course-words">
        <span className="dim">{formatClock((times[shown] ?? 0) * 1000, now)}</span>
        {words.map((word, index) => (
          <span key={word}>
            <i style={{ background: color(lines.length - 1 - index) }} aria-hidden="true" />
            {word}
          </span>
        ))}
      </p>
      <div className="course-plot">
        <span className="course-top dim" aria-hidden="true">{top}</span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t("coverage.label", { last: words.join(t("coverage.join")) })}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const share = (event.clientX - box.left) / box.width;
            setPlace(Math.min(times.length - 1, Math.max(0, Math.floor(share * times.length))));
          }}
          onPointerLeave={() => setPlace(undefined)}
        >
          {edges.map((edge, index) => (
            <path key={lines[index]?.number ?? "older"} d={pathOf(edge, top)} fill={color(index)} fillOpacity="0.55" stroke={color(index)} strokeWidth="1" vectorEffect="non-scaling-stroke" />
          ))}
          {place !== undefined && (
            <line x1={xOf(place, times.length)} x2={xOf(place, times.length)} y1="0" y2={HEIGHT} stroke="var(--tx3)" strokeDasharray="3 3" vectorEffect="non-scaling-stroke" />
          )}
        </svg>
      </div>
      <div className="course-axis dim" aria-hidden="true">
        {ticksOf(times.length, 6).map((tick) => (
          <span key={tick} style={{ left: `${(xOf(tick, times.length) / WIDTH) * 100}%` }}>
            {formatClock((times[tick] ?? 0) * 1000, now).slice(0, -3)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Where a moment begins; it lasts to the next one, the last to the edge. */
const xOf = (place: number, count: number): number => (place / Math.max(1, count)) * WIDTH;

/** Steps: a count holds until the next moment. */
function pathOf(edge: readonly [number, number][], top: number): string {
  const y = (value: number): number => HEIGHT - (value / top) * (HEIGHT - 4);
  const high = edge.map(([, up], place) => `${place ? `H${xOf(place, edge.length)}V` : `M0 `}${y(up)}`).join("");
  const low = edge.map(([down], place) => `H${xOf(place + 1, edge.length)}V${y(down)}H${xOf(place, edge.length)}`).toReversed().join("");
  return `${high}${low}Z`;
}
