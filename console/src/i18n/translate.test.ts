import { describe, expect, it } from "vitest";
import { en } from "./en";
import { reasonNames } from "./reasonNames";
import { reasonTexts } from "./reasons";
import { fill, rawOf, reasonText, translator, wordOf } from "./translate";
import { zh } from "./zh";

/** Told of single files, never of a process. */
const OF_FILES = new Set([
  "archived", "existed_before_first_start", "smaller_than_min_size", "larger_than_max_size", "ignored_by_rule", "dropped_by_operator", "taken_back", "moved_by_operator",
  "store_no_longer_configured", "open_for_writing", "rate_limited", "quiet_time", "excluded",
]);
const names = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();

describe("dictionaries", () => {
  it("have the same keys and the same placeholders", () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect([key, names(en[key])]).toEqual([key, names(zh[key])]);
  });

  it("know the same reasons with the same values", () => {
    expect(Object.keys(reasonTexts.en)).toEqual(Object.keys(reasonTexts.zh));
    for (const [code, text] of Object.entries(reasonTexts.zh)) {
      expect([code, names(reasonTexts.en[code] ?? "")]).toEqual([code, names(text)]);
    }
  });

  it("name every reason shortly, without values", () => {
    const coded = Object.keys(reasonTexts.zh).filter((code) => !OF_FILES.has(code) && !/_(by|noted)$/.test(code));
    for (const language of ["zh", "en"] as const) {
      expect(Object.keys(reasonNames[language]).toSorted()).toEqual(coded.toSorted());
      expect(Object.values(reasonNames[language]).filter((text) => text.includes("{"))).toEqual([]);
    }
  });

  it("have no Chinese in the English texts", () => {
    const all = [...Object.values(en), ...Object.values(reasonTexts.en), ...Object.values(reasonNames.en)].join("");
    expect(all).not.toMatch(/\p{Script=Han}/u);
  });

  it("put a space between Chinese and digits", () => {
    const all = [...Object.values(zh), ...Object.values(reasonTexts.zh), ...Object.values(reasonNames.zh)];
    expect(all.filter((text) => /\p{Script=Han}[0-9A-Za-z]|[0-9A-Za-z]\p{Script=Han}/u.test(text))).toEqual([]);
  });
});

describe("fill", () => {
  it("puts numbers in as people write them", () => {
    expect(fill("{n} 个", { n: 1240 }, "zh")).toBe("1,240 个");
    expect(fill("{n}", { n: 124_000 }, "zh")).toBe("12.4 万");
    expect(fill("{n}", { n: 124_000 }, "en")).toBe("124k");
  });

  it("chooses one or many", () => {
    expect([1, 2].map((n) => fill("{n} {n|file|files}", { n }, "en"))).toEqual(["1 file", "2 files"]);
  });

  it("refuses to leave a hole", () => {
    expect(fill("{a} {b}", { a: 1 }, "en")).toBeNull();
  });
});

describe("reasonText", () => {
  const reason = (code: string, params: Record<string, string> = {}) => ({ code, params, message: "as the server says" });

  it("translates a code with its values", () => {
    expect(reasonText("zh", reason("watch_missing", { path: "/x" }))).toContain("/x 不存在");
  });

  it("reads the unit from the name of a value", () => {
    expect(reasonText("en", reason("high_water_oldest", { oldest_s: "1092", limit_s: "900" }))).toContain("18 min 12 s");
    expect(reasonText("zh", reason("disk_low", { free_bytes: "1048576", min_free_bytes: "2097152" }))).toContain("1.0 MB");
  });

  it("tells who holds a breaker open, and why, in the reader's language", () => {
    const held = (why: string) => reasonText("zh", reason("breaker_manual", { store: "alpha", why }));
    expect(held("opened by operator cli:root: drill: part 2")).toBe("目的地 alpha 被 cli:root 人工暂停，理由：drill: part 2");
    expect(held("opened by operator api")).toBe("目的地 alpha 被 api 人工暂停");
    expect(held("words of a later version")).toBe("目的地 alpha 被人工暂停");
    expect(held("opened by operator ann: 20261126")).toContain("理由：20261126");
  });

  it("keeps the raw message of a system for the second line", () => {
    expect(rawOf(reason("store_unreachable", { why: "403 AccessDenied" }))).toBe("403 AccessDenied");
    expect(rawOf(reason("database_in_memory", { database: "core", problem: "refused" }))).toBe("refused");
    expect(rawOf(reason("breaker_manual", { why: "opened by operator api" }))).toBe("");
  });

  it("tells a failed attempt by its class", () => {
    expect(reasonText("zh", reason("failed_throttled"))).toBe("被限流");
  });

  it("falls back to the server's words for unknown codes and missing values", () => {
    expect(reasonText("zh", reason("never_heard"))).toBe("as the server says");
    expect(reasonText("zh", reason("watch_missing"))).toBe("as the server says");
  });
});

it("shows an unknown word as it is", () => {
  expect(wordOf("zh", "class", "novel")).toBe("novel");
  expect(translator("en")("files.more", { count: 50 })).toBe("Show 50 more");
});
