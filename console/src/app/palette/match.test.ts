import { expect, it } from "vitest";
import { score } from "./match";

it("finds a page by its name, a part of it, or the initials of its pinyin", () => {
  expect(score("文件", "文件与目录", "wjyml")).toBeGreaterThan(0);
  expect(score("目录", "文件与目录", "wjyml")).toBeGreaterThan(0);
  expect(score("wj", "文件与目录", "wjyml")).toBeGreaterThan(0);
  expect(score("yml", "文件与目录", "wjyml")).toBeGreaterThan(0);
  expect(score("sj", "文件与目录", "wjyml")).toBe(0);
});

it("asks for every word", () => {
  expect(score("app 037", "app-037.prod-sh")).toBeGreaterThan(0);
  expect(score("app 038", "app-037.prod-sh")).toBe(0);
});

it("puts beginnings before middles", () => {
  expect(score("au", "Audit")).toBeGreaterThan(score("ud", "Audit"));
  expect(score("config", "Rollouts of config")).toBeGreaterThan(score("onfig", "Rollouts of config"));
});

it("takes signs as they are", () => expect(score("a.*b", "axxb")).toBe(0));
