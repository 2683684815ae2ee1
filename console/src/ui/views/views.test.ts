import { expect, it } from "vitest";
import { applied, queryOf } from "./views";

const chosen: Record<string, string[]> = { q: ["app"], state: ["offline", "degraded"] };
const state = { keys: ["state", "group"], values: (key: string) => chosen[key] ?? [] };

it("keeps text, filters and order, without what is not set", () => {
  expect(queryOf(state)).toEqual({ q: ["app"], state: ["offline", "degraded"] });
});

it("drops what a view does not name", () => {
  expect(applied(["state", "group"], "v1", { group: ["g1"], sort: ["-age"] })).toEqual({
    view: "v1", sel: undefined, state: undefined, group: ["g1"], q: undefined, sort: "-age",
  });
});
