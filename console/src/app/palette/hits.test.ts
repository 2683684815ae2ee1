import { expect, it } from "vitest";
import type { Hit } from "../../api/find";
import { translator } from "../../i18n/translate";
import { hitName, hitNote, placeOf } from "./hits";

const zh = { language: "zh" as const, t: translator("zh") };
const hit = (kind: Hit["kind"], params: Hit["params"], id = "x1", title = id): Hit => ({ kind, id, title, params });

it("leads to the page of what was found", () => {
  expect(placeOf(hit("config_version", { layer: "global", number: "42" }))).toEqual({ to: "/configs/global/v/42" });
  expect(placeOf(hit("file", { agent: "agt-7" }, "9", "/data/a.log"))).toEqual({ to: "/files", search: { agent: "agt-7", path: "/data/a.log" } });
  expect(placeOf(hit("event", {}, "12", "gwf.agent.offline"))).toEqual({ to: "/events", search: { sel: "12" } });
  expect(placeOf(hit("audit", {}, "7"))).toEqual({ to: "/audit/7" });
});

it("names things as people do, and tells them apart", () => {
  expect(hitName(hit("audit", {}, "7", "agent.drain"), zh)).toBe("#7 设为维护");
  expect(hitName(hit("rollout", { reason: "more workers" }), zh)).toBe("more workers");
  expect(hitName(hit("event", {}, "12", "gwf.agent.offline"), zh)).not.toContain("gwf.");
  expect(hitName(hit("event", {}, "12", "com.example.disk"), zh)).toBe("com.example.disk");
  expect(hitNote(hit("agent", { condition: "offline", ip: "10.1.2.3" }), zh)).toBe("离线 · 10.1.2.3");
  expect(hitNote(hit("file", { status: "dead", agent: "agt-7" }), zh)).toBe("死信 · agt-7");
});
