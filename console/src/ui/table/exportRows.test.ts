import { expect, it } from "vitest";
import { csvCell, toCsv } from "./exportRows";
import type { Column } from "./types";

it("keeps cells whole", () => expect(['a,b', 'say "x"', "two\nlines", 7, null].map(csvCell)).toEqual(['"a,b"', '"say ""x"""', '"two\nlines"', "7", ""]));

it("lets no spreadsheet run a cell", () => expect(["=1+1", "@x", "-2"].map(csvCell)).toEqual(["'=1+1", "'@x", "'-2"]));

it("exports the columns that have a text, with their titles", () => {
  const columns: Column<{ id: number }>[] = [
    { key: "id", title: "ID", render: () => null, text: ({ id }) => id },
    { key: "act", title: "act", render: () => null },
  ];
  expect(toCsv([{ id: 1 }, { id: 2 }], columns)).toBe("\uFEFFID\r\n1\r\n2\r\n");
});
