import { expect, it } from "vitest";
import { at, rowsOf } from "./effective";

it("finds values by pointer, also keys with a slash and places in a list", () => {
  const document = { stores: { "a/b": { "c~d": [1, 2] } } };
  expect([at(document, "/stores/a~1b/c~0d/1"), at(document, "/stores/x/y"), at(document, "")]).toEqual([2, undefined, document]);
});

it("names the layer and the version of each value", () => {
  const layers = [{ layer_id: "l1", kind: "base", name: "", subject: "" }, { layer_id: "l2", kind: "group", name: "prod-sh", subject: "g" }];
  const versions = [{ version_id: "v1", number: 42, author: "ann", reason: "more" }, { version_id: "v2", number: 3, author: "bob", reason: "" }];
  const rows = rowsOf({
    document: { agent: { transfer: { workers: 8, part_size: "8MiB" } } },
    origins: { "/agent/transfer/workers": { layer_id: "l2", version_id: "v2" }, "/agent/transfer/part_size": { layer_id: "l1", version_id: "v1" }, "/gone": { layer_id: "x", version_id: "y" } },
    layers, versions,
  } as never);
  expect(rows.map(({ value, origin }) => [value, origin?.name, origin?.number, origin?.why])).toEqual([
    ["8MiB", "", 42, "ann · more"], ["8", "prod-sh", 3, "bob"], [undefined, undefined, undefined, undefined],
  ]);
});
