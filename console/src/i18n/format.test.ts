import { expect, it } from "vitest";
import { formatAgo, formatBytes, formatClock, formatCount, formatDuration, formatRate } from "./format";
import { translator } from "./translate";

const zh = translator("zh");

it("writes bytes binary, with a unit", () => {
  expect([0, 1023, 1024, 14_889_779, 6_442_450_944].map(formatBytes)).toEqual(["0 B", "1023 B", "1.0 KB", "14.2 MB", "6.0 GB"]);
});

it("writes durations in words", () => {
  expect([0.0123, 1.2, 72, 900, 3720, 7200, 86_400, 266_400].map((s) => formatDuration(s, zh))).toEqual([
    "12 毫秒", "1.2 秒", "1 分 12 秒", "15 分", "1 小时 2 分", "2 小时", "1 天", "3 天 2 小时",
  ]);
});

it("writes ages in words", () => {
  expect([0, 41, 1092, 7200, 200_000].map((s) => formatAgo(s, zh))).toEqual(["刚刚", "41 秒前", "18 分前", "2 小时前", "2 天前"]);
});

it("shortens large counts by the language's steps", () => {
  expect([formatCount(99_999, "zh"), formatCount(184_022, "zh"), formatCount(123_456_789, "zh")]).toEqual(["99,999", "18.4 万", "1.2 亿"]);
  expect([formatCount(184_022, "en"), formatCount(12_345_678, "en")]).toEqual(["184k", "12.3M"]);
});

it("keeps two digits of a rate that matter", () => {
  expect([0, 0.034, 12.43, 1240].map(formatRate)).toEqual(["0", "0.03", "12.4", "1,240"]);
});

it("adds the date when it is not today", () => {
  const now = new Date(2026, 10, 22, 10, 28, 5).getTime();
  expect(formatClock(now - 5000, now)).toBe("10:28:00");
  expect(formatClock(now - 86_400_000, now)).toBe("11-21 10:28:05");
});
