import { describe, expect, it } from "vitest";
import { changed, fieldsOf, pointerOf, valueAt } from "./schema";

const SCHEMA = {
  $defs: { Call: { type: "object", properties: { url: { type: "string" } }, required: ["url"] }, Kind: { enum: ["none", "zstd"], type: "string" } },
  properties: {
    delete: { type: "boolean", default: false },
    path: { type: "string", maxLength: 4096 },
    text: { type: "string", maxLength: 20_000 },
    compress: { $ref: "#/$defs/Kind", default: "none" },
    redirects: { type: "integer", default: 0 },
    undo: { anyOf: [{ $ref: "#/$defs/Call" }, { type: "null" }], default: null },
    headers: { type: "object", additionalProperties: { type: "string" } },
    body: { default: null },
  },
  required: ["path"],
};

describe("fields of a schema", () => {
  const fields = new Map(fieldsOf(SCHEMA).map((field) => [field.name, field]));

  it("begin with what must be filled in", () => {
    expect([...fields.keys()][0]).toBe("path");
    expect(fields.get("path")?.required).toBe(true);
  });

  it("have the kind that fits, behind references too", () => {
    expect(Object.fromEntries([...fields].map(([name, { kind }]) => [name, kind]))).toEqual({
      path: "text", delete: "yes", text: "text", compress: "choice", redirects: "number", undo: "section", headers: "json", body: "json",
    });
    expect(fields.get("compress")).toMatchObject({ values: ["none", "zstd"], usual: "none" });
    expect(fields.get("undo")?.fields).toMatchObject([{ name: "url", required: true }]);
    expect(fields.get("text")?.long).toBe(true);
  });
});

describe("a value", () => {
  it("is changed at one place, and empty sections go", () => {
    const made = changed({ a: 1 }, ["undo", "url"], "x");
    expect(made).toEqual({ a: 1, undo: { url: "x" } });
    expect(changed(made, ["undo", "url"], undefined)).toEqual({ a: 1 });
    expect(valueAt(made, ["undo", "url"])).toBe("x");
    expect(valueAt(made, ["a", "b"])).toBeUndefined();
  });

  it("is pointed at as the server does", () => {
    expect(pointerOf(["headers", "a/b~c"])).toBe("/headers/a~1b~0c");
  });
});
