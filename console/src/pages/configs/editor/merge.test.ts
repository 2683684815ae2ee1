import { expect, it } from "vitest";
import { merge, same } from "./merge";

const before = { agent: { transfer: { workers: 8, part_size: "8MiB" }, watch: [{ path: "/a" }] }, stores: { main: { url: "s3://a" } } };

it("keeps what only one of both changed", () => {
  const mine = { ...before, agent: { ...before.agent, transfer: { workers: 32, part_size: "8MiB" } } };
  const theirs = { ...before, stores: { main: { url: "s3://b" }, other: { url: "file:///x" } } };
  expect(merge(before, mine, theirs)).toEqual({
    clashes: [],
    document: { agent: mine.agent, stores: theirs.stores },
  });
});

it("takes away what one of both took away, and keeps what both did alike", () => {
  const mine = { agent: { transfer: { workers: 16, part_size: "8MiB" } }, stores: before.stores };
  const theirs = { agent: { transfer: { workers: 16 }, watch: [{ path: "/a" }] }, stores: before.stores };
  expect(merge(before, mine, theirs)).toEqual({ clashes: [], document: { agent: { transfer: { workers: 16 } }, stores: before.stores } });
});

it("names each place that both changed, and takes the side that was chosen", () => {
  const mine = { ...before, agent: { transfer: { workers: 32 }, watch: [{ path: "/mine" }] } };
  const theirs = { ...before, agent: { transfer: { workers: 4, part_size: "8MiB" }, watch: [{ path: "/theirs" }] } };
  const open = merge(before, mine, theirs);
  expect(open.clashes.map(({ pointer, before: old, mine: own, theirs: other }) => [pointer, old, own, other])).toEqual([
    ["/agent/transfer/workers", 8, 32, 4],
    ["/agent/watch", [{ path: "/a" }], [{ path: "/mine" }], [{ path: "/theirs" }]],
  ]);
  expect(open.document.agent).toEqual({ transfer: { workers: 32 }, watch: [{ path: "/mine" }] });
  const chosen = merge(before, mine, theirs, { "/agent/watch": "theirs" });
  expect(chosen.document.agent).toEqual({ transfer: { workers: 32 }, watch: [{ path: "/theirs" }] });
});

it("clashes where one changed what the other took away", () => {
  const { clashes } = merge({ a: { b: 1 } }, { a: { b: 2 } }, {});
  expect(clashes).toEqual([{ pointer: "/a", before: { b: 1 }, mine: { b: 2 }, theirs: undefined }]);
  expect(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
});
