import { expect, it } from "vitest";
import { translator } from "../../i18n/translate";
import type { I18n } from "../../i18n/context";
import { changesInWords } from "./inWords";
import { gotText } from "./words";

const i18n = { t: translator("en"), language: "en" } as unknown as I18n;
const said = (before: object, after: object): string[] =>
  changesInWords(before as never, after as never, i18n).map(({ name, kind, before: old, after: now }) => `${name}: ${[kind === "added" ? "" : old, kind === "removed" ? "" : now].join(" > ")}`);

it("says changed conditions as sentences, each for itself", () => {
  const before = { when: { all: [{ suffix: ".log" }, { size: { min: "1MB" } }, { field: "path", contains: "tmp" }] } };
  const after = { when: { all: [{ size: { min: "2MB" } }, { suffix: ".log" }, { any: [{ labels: "env=prod" }] }] } };
  expect(said(before, after)).toEqual(["When: Size at least 1MB > Size at least 2MB", "When:  > Any of (Labels fulfil env=prod)", "When: path contains any of tmp > "]);
});

it("pairs test cases and actions by what they are", () => {
  const hook = (url: string) => ({ action: "WEBHOOK", config: { url, body: { text: "a" } } });
  const test = (matched: boolean) => ({ name: "night", event: { path: "/a.log", size_bytes: 5 }, expect: { matched } });
  const rows = said({ then: [hook("https://a")], tests: [test(true)] }, { then: [{ action: "NOTIFY" }, hook("https://b")], tests: [test(false)] });
  expect(rows).toEqual(["Action 1 · NOTIFY:  > NOTIFY", "Action 2 · WEBHOOK · Address: https://a > https://b", "Case · night: path /a.log · size_bytes 5 → matches > path /a.log · size_bytes 5 → does not match"]);
});

it("says what came of a test case in the reader's language", () => {
  expect(["it matched", "it did not match", "the actions were WEBHOOK, NOTIFY", "else"].map((got) => gotText(got, "zh"))).toEqual(["它命中了", "它没有命中", "动作是：WEBHOOK, NOTIFY", "else"]);
});

it("tells another order where nothing else differs", () => {
  const [a, b] = [{ action: "WEBHOOK" }, { action: "NOTIFY" }];
  expect(said({ then: [a, b] }, { then: [b, a] })).toEqual(["Order: Action 1 · WEBHOOK · Action 2 · NOTIFY > Action 2 · NOTIFY · Action 1 · WEBHOOK"]);
  expect(said({ on_match: "stop" }, { on_match: "continue" })).toHaveLength(1);
});
