import type { Condition } from "./conditions";

/** How many cells stand in a row, and how tall all of them are. */
export interface Grid {
  columns: number;
  height: number;
}

export const GAP = 2;

export function gridOf(count: number, width: number, size: number): Grid {
  const columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
  const rows = Math.ceil(count / columns);
  return { columns, height: Math.max(0, rows * (size + GAP) - GAP) };
}

/** Which cell lies at a point; null = the gap, or nothing. */
export function cellAt(x: number, y: number, count: number, { columns }: Grid, size: number): number | null {
  const column = Math.floor(x / (size + GAP));
  const row = Math.floor(y / (size + GAP));
  if (column < 0 || row < 0 || column >= columns) return null;
  if (x - column * (size + GAP) > size || y - row * (size + GAP) > size) return null;
  const at = row * columns + column;
  return at < count ? at : null;
}

/** Where the arrow keys lead; null = the key is none of ours. */
export function walk(key: string, at: number, count: number, columns: number): number | null {
  const last = count - 1;
  const moves: Record<string, number> = {
    ArrowRight: Math.min(last, at + 1),
    ArrowLeft: Math.max(0, at - 1),
    ArrowDown: at + columns <= last ? at + columns : at,
    ArrowUp: at >= columns ? at - columns : at,
    Home: 0,
    End: last,
  };
  return moves[key] ?? null;
}

type Point = readonly [number, number];
const CUT = 0.28;
const POLYGONS: Partial<Record<Condition, readonly Point[]>> = {
  degraded: [[0.5, 0], [1, 1], [0, 1]],
  failing: [[CUT, 0], [1 - CUT, 0], [1, CUT], [1, 1 - CUT], [1 - CUT, 1], [CUT, 1], [0, 1 - CUT], [0, CUT]],
};

/** The shape of a condition: it differs for each, so that it survives grey print and colour blindness. */
export function drawCell(context: CanvasRenderingContext2D, condition: Condition, x: number, y: number, size: number): void {
  const polygon = POLYGONS[condition];
  context.beginPath();
  if (polygon) {
    for (const [dx, dy] of polygon) context.lineTo(x + dx * size, y + dy * size);
    context.closePath();
    context.fill();
  } else if (condition === "draining") {
    context.arc(x + size / 2, y + size / 2, size / 2, 0, Math.PI * 2);
    context.fill();
  } else if (condition === "online") {
    context.roundRect(x, y, size, size, 2);
    context.fill();
  } else {
    context.roundRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5, 2);
    if (condition === "revoked") {
      context.moveTo(x + 3, y + size - 3);
      context.lineTo(x + size - 3, y + 3);
    }
    context.stroke();
  }
}
