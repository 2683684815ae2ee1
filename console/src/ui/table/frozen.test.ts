import { describe, expect, it } from "vitest";
import { arrange as arrangeRows } from "./frozen";

interface Row {
  id: number;
  state: string;
}

const row = (id: number, state = "done"): Row => ({ id, state });
const keyOf = ({ id }: Row): string => String(id);
const arrange = (held: Row[] | null, rows: Row[], complete: boolean) => arrangeRows(held, { rows, complete, keyOf });
const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);

describe("arrange", () => {
  it("shows the list as it is while nobody reads", () => {
    expect(ids(arrange(null, [row(2), row(1)], true).rows)).toEqual([2, 1]);
  });

  it("keeps new rows back and counts them", () => {
    const { rows, changes } = arrange([row(2), row(1)], [row(4), row(3), row(2), row(1)], true);
    expect([ids(rows), changes]).toEqual([[2, 1], 2]);
  });

  it("updates values in place", () => {
    expect(arrange([row(2, "sending"), row(1)], [row(2, "done"), row(1)], true).rows[0]?.state).toBe("done");
  });

  it("counts a row that moved once, and does not move it", () => {
    const { rows, changes } = arrange([row(3), row(2), row(1)], [row(1), row(3), row(2)], true);
    expect([ids(rows), changes]).toEqual([[3, 2, 1], 1]);
  });

  it("keeps a row that left a complete list, and names it", () => {
    const { rows, gone } = arrange([row(2), row(1)], [row(1)], true);
    expect([ids(rows), [...gone]]).toEqual([[2, 1], ["2"]]);
  });

  it("does not call a row gone that may be on a further page", () => {
    expect(arrange([row(2), row(1)], [row(2)], false).gone.size).toBe(0);
  });

  it("shows a further page at once", () => {
    const { rows, changes } = arrange([row(4), row(3)], [row(4), row(3), row(2), row(1)], true);
    expect([ids(rows), changes]).toEqual([[4, 3, 2, 1], 0]);
  });
});

it("counts moves in a long list quickly", () => {
  const long = Array.from({ length: 20_000 }, (_, id) => row(id));
  expect(arrange(long, long.toReversed(), true).changes).toBe(19_999);
});
