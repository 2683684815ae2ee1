/** How two texts differ, line by line and word by word. Pure. */

export interface Part {
  text: string;
  changed: boolean;
}

export interface Line {
  kind: "same" | "old" | "new";
  /** Line numbers from 1; null on the side that does not have it. */
  old: number | null;
  new: number | null;
  parts: Part[];
}

/** Lines that stay the same, hidden until somebody wants them. */
export interface Fold {
  kind: "fold";
  lines: Line[];
}

type Op = "same" | "old" | "new";

/** More steps than this and what is left counts as replaced: a diff nobody could read anyhow. */
const MAX_STEPS = 1_500;

export const linesOf = (text: string): string[] => {
  const lines = text.replace(/\r\n/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/** The shortest way from one list to another (Myers), as one word for each item in the order of reading. */
export function steps(before: readonly string[], after: readonly string[]): Op[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const middle = between(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...Array<Op>(head).fill("same"), ...middle, ...Array<Op>(tail).fill("same")];
}

function between(a: readonly string[], b: readonly string[]): Op[] {
  const replaced = (): Op[] => [...Array<Op>(a.length).fill("old"), ...Array<Op>(b.length).fill("new")];
  if (a.length === 0 || b.length === 0) return replaced();
  const most = Math.min(a.length + b.length, MAX_STEPS);
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trail.push(reach.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(reach, offset + k - 1) < at(reach, offset + k + 1));
      let x = down ? at(reach, offset + k + 1) : at(reach, offset + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return back(trail, offset, a.length, b.length);
    }
  }
  return replaced();
}

function back(trail: readonly Int32Array[], offset: number, n: number, m: number): Op[] {
  const ops: Op[] = [];
  let [x, y] = [n, m];
  for (let d = trail.length - 1; d >= 0; d--) {
    const reach = trail[d] ?? new Int32Array();
    const k = x - y;
    const down = k === -d || (k !== d && at(reach, offset + k - 1) < at(reach, offset + k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : at(reach, offset + fromK);
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      ops.push("same");
      x--;
      y--;
    }
    if (d > 0) {
      ops.push(down ? "new" : "old");
      [x, y] = [fromX, fromY];
    }
  }
  return ops.reverse();
}

const at = (numbers: Int32Array, index: number): number => numbers[index] ?? 0;

/** All lines of both texts in the order of reading; within a change the old ones come first. */
export function diffLines(before: string, after: string): Line[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  let olds: number[] = [];
  let news: number[] = [];
  const flush = (): void => {
    const pairs = olds.length === news.length;
    const words = olds.map((o, n) => (pairs ? diffWords(a[o] ?? "", b[news[n] ?? 0] ?? "") : null));
    olds.forEach((o, n) => lines.push({ kind: "old", old: o + 1, new: null, parts: words[n]?.[0] ?? whole(a[o]) }));
    news.forEach((o, n) => lines.push({ kind: "new", old: null, new: o + 1, parts: words[n]?.[1] ?? whole(b[o]) }));
    [olds, news] = [[], []];
  };
  for (const op of steps(a, b)) {
    if (op === "old") olds.push(i++);
    else if (op === "new") news.push(j++);
    else {
      flush();
      lines.push({ kind: "same", old: ++i, new: ++j, parts: whole(a[i - 1]) });
    }
  }
  flush();
  return lines;
}

const whole = (text = ""): Part[] => [{ text, changed: false }];

/** Two versions of one line; when hardly anything is common, single words would only confuse. */
export function diffWords(before: string, after: string): [Part[], Part[]] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const ops = steps(a, b);
  const same = ops.filter((op) => op === "same").length;
  if (same * 4 < Math.max(a.length, b.length)) return [[{ text: before, changed: true }], [{ text: after, changed: true }]];
  const [olds, news]: [Part[], Part[]] = [[], []];
  let [i, j] = [0, 0];
  for (const op of ops) {
    if (op !== "new") push(olds, a[i++] ?? "", op === "old");
    if (op !== "old") push(news, b[j++] ?? "", op === "new");
  }
  return [olds, news];
}

/** Words, numbers, runs of blanks, single signs; Chinese is taken sign by sign. */
const wordsOf = (line: string): string[] => line.match(/[A-Za-z0-9_]+|\s+|./gu) ?? [];

function push(parts: Part[], text: string, changed: boolean): void {
  const last = parts.at(-1);
  if (last && last.changed === changed) last.text += text;
  else parts.push({ text, changed });
}

/** Hide what is further than `context` lines from any change. */
export function folded(lines: readonly Line[], context: number): (Line | Fold)[] {
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind === "same") return;
    for (let n = Math.max(0, index - context); n <= Math.min(lines.length - 1, index + context); n++) near.add(n);
  });
  const out: (Line | Fold)[] = [];
  lines.forEach((line, index) => {
    if (near.has(index)) out.push(line);
    else {
      const last = out.at(-1);
      if (last?.kind === "fold") last.lines.push(line);
      else out.push({ kind: "fold", lines: [line] });
    }
  });
  // a fold of one line hides nothing that its own line would not take
  return out.flatMap((one) => (one.kind === "fold" && one.lines.length === 1 ? one.lines : [one]));
}

export interface Pair {
  left: Line | null;
  right: Line | null;
}

/** The same lines in two columns: what was replaced stands beside what replaces it. */
export function sideBySide(lines: readonly (Line | Fold)[]): (Pair | Fold)[] {
  const out: (Pair | Fold)[] = [];
  let olds: Line[] = [];
  let news: Line[] = [];
  const flush = (): void => {
    for (let n = 0; n < Math.max(olds.length, news.length); n++) out.push({ left: olds[n] ?? null, right: news[n] ?? null });
    [olds, news] = [[], []];
  };
  for (const line of lines) {
    if (line.kind === "old") olds.push(line);
    else if (line.kind === "new") news.push(line);
    else {
      flush();
      out.push(line.kind === "fold" ? line : { left: line, right: line });
    }
  }
  flush();
  return out;
}
