import { describe, expect, it } from "vitest";
import type { LogLine } from "../../api/files";
import { append, filled, freshLines, partsOf, type Piece, prepend, rowsOf } from "./lines";

const line = (number: number, text = `line ${number}`): LogLine => ({
  offset: number * 10,
  number,
  text,
  level: null,
  hit: false,
  spans: [],
  cut: false,
});
const piece = (from: number, to: number, more: Partial<Piece> = {}): Piece => ({
  lines: Array.from({ length: to - from }, (_, at) => line(from + at)),
  start: from * 10,
  end: to * 10,
  atStart: from === 1,
  atEnd: false,
  ...more,
});
const numbers = (lines: readonly LogLine[]): (number | null | undefined)[] => lines.map(({ number }) => number);

describe("parts of a file", () => {
  it("follow each other, and an unfinished line replaces itself", () => {
    const old = piece(1, 4, { end: 30 });
    const next = piece(3, 6, { atEnd: true });
    expect(freshLines(old, next)).toBe(2);
    const both = append(old, next, true);
    expect(numbers(both.lines)).toEqual([1, 2, 3, 4, 5]);
    expect(both).toMatchObject({ start: 10, end: 60, atStart: true, atEnd: true });
  });

  it("stay bounded while somebody follows", () => {
    const long = append(piece(1, 6_001), piece(6_001, 6_101), true);
    expect(long.lines.length).toBe(6_000);
    expect(long).toMatchObject({ start: 1_010, atStart: false });
    expect(append(piece(1, 6_001), piece(6_001, 6_101), false).lines.length).toBe(6_100);
  });

  it("are put before each other, numbered from behind", () => {
    const before = piece(1, 4);
    const bare = { ...before, lines: before.lines.map((one) => ({ ...one, number: null })) };
    const whole = prepend(piece(4, 6), bare);
    expect(numbers(whole.lines)).toEqual([1, 2, 3, 4, 5]);
    expect(whole).toMatchObject({ start: 10, end: 60, atStart: true });
  });
});

describe("lines that were found", () => {
  it("have gaps between them, which can be filled", () => {
    const found = [line(3), line(4), line(9)];
    expect(rowsOf(found, true).map(({ key, kind }) => (kind === "gap" ? key : "line"))).toEqual(["line", "line", "gap 4", "line"]);
    expect(numbers(filled(found, [line(5), line(4), line(6)]))).toEqual([3, 4, 5, 6, 9]);
    expect(rowsOf(found, false).length).toBe(3);
  });
});

describe("a line in parts", () => {
  it("marks what was found, and its level", () => {
    const parts = partsOf({ ...line(1, "10:00 ERROR status=503 slow"), level: "error", spans: [[19, 22]] });
    expect(parts.map(({ text, mark }) => `${mark}:${text}`)).toEqual([":10:00 ", "level:ERROR", ": status=", "hit:503", ": slow"]);
  });
  it("marks no level inside of what was found", () => {
    const parts = partsOf({ ...line(1, "an error"), level: "error", spans: [[3, 8]] });
    expect(parts.map(({ mark }) => mark)).toEqual(["", "hit"]);
    expect(partsOf(line(1, "")).length).toBe(1);
  });
});
