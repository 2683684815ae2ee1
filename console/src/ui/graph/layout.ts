/** A directed graph in layers from left to right; pure, so that it can be tested. */

export interface Edge {
  from: string;
  to: string;
}

export interface Size {
  width: number;
  height: number;
  /** Between two layers. */
  gapX: number;
  gapY: number;
}

export interface Spot {
  key: string;
  x: number;
  y: number;
  layer: number;
}

export interface Line {
  from: string;
  to: string;
  /** Path of an SVG. */
  path: string;
  /** Where words about it stand. */
  at: { x: number; y: number };
}

export interface Layout {
  spots: Spot[];
  lines: Line[];
  width: number;
  height: number;
}

const SWEEPS = 6;

/** Place nodes: each right of all that lead to it, in an order with few crossings; circles are cut where they close. */
export function layoutOf(keys: readonly string[], edges: readonly Edge[], size: Size): Layout {
  const known = new Set(keys);
  const all = edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const forward = withoutCircles(keys, all);
  const layers = layersOf(keys, forward);
  const { rows, chains } = withBends(keys, forward, layers);
  settle(rows, chains);
  return drawn(rows, chains, all, size);
}

/** The edges that close no circle, as a walk in depth finds them. */
function withoutCircles(keys: readonly string[], edges: readonly Edge[]): Edge[] {
  const out = new Map<string, Edge[]>(keys.map((key) => [key, []]));
  for (const edge of edges) out.get(edge.from)?.push(edge);
  const state = new Map<string, "open" | "done">();
  const kept: Edge[] = [];
  const visit = (key: string): void => {
    state.set(key, "open");
    for (const edge of out.get(key) ?? []) {
      if (state.get(edge.to) === "open") continue;
      kept.push(edge);
      if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(key, "done");
  };
  for (const key of keys) if (!state.has(key)) visit(key);
  return kept;
}

/** The longest way that leads to each node. */
function layersOf(keys: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const into = new Map<string, string[]>(keys.map((key) => [key, []]));
  for (const { from, to } of edges) into.get(to)?.push(from);
  const layers = new Map<string, number>();
  const layer = (key: string): number => {
    const found = layers.get(key);
    if (found !== undefined) return found;
    const own = Math.max(-1, ...(into.get(key) ?? []).map(layer)) + 1;
    layers.set(key, own);
    return own;
  };
  for (const key of keys) layer(key);
  return layers;
}

/** A way through all layers between two nodes: both ends, and a bend in each layer between. */
interface Chain {
  edge: Edge;
  stops: string[];
}

function withBends(keys: readonly string[], edges: readonly Edge[], layers: ReadonlyMap<string, number>): { rows: string[][]; chains: Chain[] } {
  const rows: string[][] = Array.from({ length: Math.max(0, ...layers.values()) + (keys.length ? 1 : 0) }, () => []);
  for (const key of keys) rows[layers.get(key) ?? 0]?.push(key);
  const chains = edges.map((edge, number): Chain => {
    const [first, last] = [layers.get(edge.from) ?? 0, layers.get(edge.to) ?? 0];
    const bends = Array.from({ length: Math.max(0, last - first - 1) }, (_, index) => `\u0000${number} ${first + 1 + index}`);
    bends.forEach((bend, index) => rows[first + 1 + index]?.push(bend));
    return { edge, stops: [edge.from, ...bends, edge.to] };
  });
  return { rows, chains };
}

/** Order each layer by where the neighbours stand, forth and back. */
function settle(rows: string[][], chains: readonly Chain[]): void {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const put = (map: Map<string, string[]>, key: string, value: string): void => void map.set(key, [...(map.get(key) ?? []), value]);
  for (const { stops } of chains) {
    stops.slice(1).forEach((stop, index) => {
      const from = stops[index] ?? stop;
      put(after, from, stop);
      put(before, stop, from);
    });
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forth = sweep % 2 === 0;
    const order = forth ? rows.keys() : [...rows.keys()].reverse();
    for (const index of order) {
      const row = rows[index];
      const beside = rows[forth ? index - 1 : index + 1];
      if (!row || !beside) continue;
      const place = new Map(beside.map((key, at) => [key, at]));
      const weight = new Map(row.map((key, at) => [key, middleOf((forth ? before : after).get(key) ?? [], place) ?? at]));
      row.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
    }
  }
}

function middleOf(keys: readonly string[], place: ReadonlyMap<string, number>): number | null {
  const found = keys.map((key) => place.get(key)).filter((at) => at !== undefined);
  return found.length ? found.reduce((sum, at) => sum + at, 0) / found.length : null;
}

const isBend = (key: string): boolean => key.startsWith("\u0000");
const BEND_SHARE = 0.4;

function drawn(rows: readonly string[][], chains: readonly Chain[], edges: readonly Edge[], size: Size): Layout {
  const tall = (key: string): number => (isBend(key) ? size.height * BEND_SHARE : size.height);
  const heights = rows.map((row) => row.reduce((sum, key) => sum + tall(key) + size.gapY, -size.gapY));
  const height = Math.max(0, ...heights);
  const places = new Map<string, { x: number; y: number; layer: number }>();
  rows.forEach((row, layer) => {
    let y = (height - (heights[layer] ?? 0)) / 2;
    for (const key of row) {
      places.set(key, { x: layer * (size.width + size.gapX), y: y + (tall(key) - size.height) / 2, layer });
      y += tall(key) + size.gapY;
    }
  });
  const ways = new Map(chains.map(({ edge, stops }) => [`${edge.from}\u0000${edge.to}`, stops]));
  const lines = edges.map(({ from, to }) => lineOf(from, to, ways.get(`${from}\u0000${to}`) ?? [from, to], places, size));
  const spots = [...places].filter(([key]) => !isBend(key)).map(([key, place]) => ({ key, ...place }));
  return { spots, lines, width: rows.length ? rows.length * (size.width + size.gapX) - size.gapX : 0, height };
}

function lineOf(from: string, to: string, stops: readonly string[], places: ReadonlyMap<string, { x: number; y: number }>, { width, height }: Size): Line {
  const points: [number, number][] = stops.flatMap((stop, index): [number, number][] => {
    const { x, y } = places.get(stop) ?? { x: 0, y: 0 };
    const middle = y + height / 2;
    if (index === 0) return [[x + width, middle]];
    return index === stops.length - 1 ? [[x, middle]] : [[x, middle], [x + width, middle]];
  });
  const [start = [0, 0]] = points;
  let path = `M${start[0]} ${start[1]}`;
  points.slice(1).forEach(([x, y], index) => {
    const [px, py] = points[index] ?? start;
    const bend = (px + x) / 2;
    path += ` C${bend} ${py} ${bend} ${y} ${x} ${y}`;
  });
  const end = points[1] ?? start;
  return { from, to, path, at: { x: (start[0] + end[0]) / 2, y: (start[1] + end[1]) / 2 } };
}
