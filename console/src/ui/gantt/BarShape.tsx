import { type Placed, widthOf } from "./model";

/** Height of a row, and of the bar in it. */
export const ROW = 34;
const BAR = 20;

interface Props {
  placed: Placed;
  y: number;
  /** Row and number, by which the keys find it. */
  place: string;
  /** Id of the hatching for what failed. */
  hatch: string;
  focusable: boolean;
  chosen: boolean;
  choose: () => void;
}

/** One bar: colour and hatching by state, its text when there is room; it is chosen by a click or by the keys of the picture. */
export function BarShape({ placed: { bar, x, width, text }, y, place, hatch, focusable, chosen, choose }: Props) {
  const top = y + (ROW - BAR) / 2;
  const failed = bar.tone === "crit";
  return (
    <g
      className={`g-bar ${bar.tone}${bar.planned ? " planned" : ""}`}
      role="button"
      aria-label={bar.label}
      aria-pressed={chosen}
      tabIndex={focusable ? 0 : -1}
      data-place={place}
      onClick={choose}
    >
      <title>{bar.label}</title>
      <rect x={x} y={top} width={width} height={BAR} rx={Math.min(4, width / 2)} {...(failed ? { style: { fill: `url(#${hatch})` } } : {})} />
      {text && (
        <>
          {failed && <rect className="g-plate" x={x + (width - widthOf(text)) / 2 - 3} y={top + 3} width={widthOf(text) + 6} height={BAR - 6} rx={3} />}
          <text x={x + width / 2} y={top + BAR / 2 + 4} textAnchor="middle">{text}</text>
        </>
      )}
    </g>
  );
}
