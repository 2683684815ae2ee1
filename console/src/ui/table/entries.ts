/** What stands in the body of a table, line by line: rows, and head lines between groups of them. */
export type Entry<T> = { row: T; index: number } | { index: -1; text: string };

/** Rows with the same word of `section` that follow one another stand under one head line. */
export function entriesOf<T>(rows: readonly T[], section: ((row: T) => string) | undefined): Entry<T>[] {
  const entries: Entry<T>[] = [];
  let last: string | undefined;
  rows.forEach((row, index) => {
    const word = section?.(row);
    if (word !== undefined && word !== last) entries.push({ index: -1, text: word });
    last = word;
    entries.push({ row, index });
  });
  return entries;
}
