import type { FileContent, LogLine } from "../../api/files";

/** Parts of a file put together, and lines with gaps between them. Pure. */

export interface Piece {
  lines: readonly LogLine[];
  /** Byte of the first line, and where what follows begins. */
  start: number;
  end: number;
  atStart: boolean;
  atEnd: boolean;
}

export const pieceOf = (window: FileContent): Piece => ({
  lines: window.lines,
  start: window.start_offset,
  end: window.end_offset,
  atStart: window.at_start,
  atEnd: window.at_end,
});

/** Lines kept while following; older ones are fetched again when somebody looks. */
const MOST_LINES = 6_000;

/** Add what follows; an unfinished last line comes again, and replaces itself. */
export function append(old: Piece, next: Piece, trim: boolean): Piece {
  const kept = old.lines.filter(({ offset }) => offset < next.start);
  const lines = [...kept, ...next.lines];
  const cut = trim && lines.length > MOST_LINES ? lines.slice(lines.length - MOST_LINES) : lines;
  const first = cut[0];
  const trimmed = cut.length < lines.length && first !== undefined;
  return {
    lines: cut,
    start: trimmed ? first.offset : old.start,
    end: next.end,
    atStart: trimmed ? false : old.atStart,
    atEnd: next.atEnd,
  };
}

/** Add what stands before. */
export function prepend(old: Piece, before: Piece): Piece {
  const first = old.lines[0];
  const fresh = before.lines.filter(({ offset }) => first === undefined || offset < first.offset);
  return { ...old, lines: [...numbered(fresh, first), ...old.lines], start: before.start, atStart: before.atStart };
}

/** Numbers of lines that the server had not counted follow from the line behind them. */
function numbered(lines: readonly LogLine[], next: LogLine | undefined): readonly LogLine[] {
  const number = next?.number;
  if (number === undefined || number === null) return lines;
  return lines.map((line, index) => ({ ...line, number: line.number ?? number - lines.length + index }));
}

/** How many lines of `next` were not there before. */
export function freshLines(old: Piece, next: Piece): number {
  const last = old.lines.at(-1);
  return next.lines.filter(({ offset }) => last === undefined || offset > last.offset).length;
}

export type LogRow =
  | { kind: "line"; key: string; line: LogLine }
  /** Lines between two that were found. */
  | { kind: "gap"; key: string; after: number; before: number };

/** Lines as rows; where numbers leave some out, a row says so. */
export function rowsOf(lines: readonly LogLine[], folded: boolean): LogRow[] {
  const rows: LogRow[] = [];
  let last: number | null | undefined;
  for (const line of lines) {
    const { number } = line;
    if (folded && typeof number === "number" && typeof last === "number" && number > last + 1) {
      rows.push({ kind: "gap", key: `gap ${last}`, after: last, before: number });
    }
    rows.push({ kind: "line", key: `${line.offset}`, line });
    last = number;
  }
  return rows;
}

/** Put lines of a gap between those that were found. */
export function filled(lines: readonly LogLine[], extra: readonly LogLine[]): LogLine[] {
  const known = new Map(lines.map((line) => [line.offset, line]));
  for (const line of extra) if (!known.has(line.offset)) known.set(line.offset, line);
  return [...known.values()].toSorted((a, b) => a.offset - b.offset);
}

/** A line in parts: plain, found, and the word that names its level. */
export interface Part {
  text: string;
  mark: "" | "hit" | "level";
}

const LEVEL_WORD = /\b(?:fatal|critical|crit|panic|severe|error|err|warning|warn|wrn|notice|info|debug|trace)\b/i;
const HEAD_CHARS = 120;

export function partsOf({ text, spans, level }: LogLine): Part[] {
  const marks: [number, number, Part["mark"]][] = spans.map(([start = 0, end = 0]) => [start, end, "hit"]);
  const word = level ? LEVEL_WORD.exec(text.slice(0, HEAD_CHARS)) : null;
  if (word && !marks.some(([start, end]) => start < word.index + word[0].length && end > word.index)) {
    marks.push([word.index, word.index + word[0].length, "level"]);
  }
  marks.sort(([a], [b]) => a - b);
  const parts: Part[] = [];
  let at = 0;
  for (const [start, end, mark] of marks) {
    if (start < at) continue;
    if (start > at) parts.push({ text: text.slice(at, start), mark: "" });
    parts.push({ text: text.slice(start, end), mark });
    at = end;
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), mark: "" });
  return parts;
}
