import { expect, it } from "vitest";
import type { AgentSummary } from "../../api/agents";
import { translator } from "../../i18n/translate";
import { filterOf, selectorsOf, sortOf } from "./search";
import { codeText, failedPct, failedTone, formatPct, partsText, problemOf, runningText, wantedText } from "./words";

const zh = { language: "zh" as const, t: translator("zh") };
const part = (kind: "base" | "group" | "agent", number: number, name = "") => ({ kind, number, name, subject: name });
const agent = (more: object) => ({ reasons: [], condition: "online", last_error: null, ...more }) as unknown as AgentSummary;
const stand = (standing: string, wanted: string | null, running: object[] = [], wants: object[] = []) => ({
  standing, wanted_hash: wanted, running, wanted: wants,
});

it("names a configuration by its versions, and by its hash where they are not known", () => {
  expect(partsText([part("base", 42), part("group", 3, "prod-sh"), part("agent", 1)], zh)).toBe("v42 + prod-sh v3 + 本机 v1");
  const known = agent({ config: { hash: "sha256:aa" }, config_stand: stand("offered", "sha256:bb", [part("base", 41)], [part("base", 42)]) });
  expect([runningText(known, zh), wantedText(known, zh)]).toEqual(["v41", "v42"]);
  const foreign = agent({ config: { hash: "sha256:0123456789" }, config_stand: stand("in_sync", "sha256:0123456789") });
  expect([runningText(foreign, zh), wantedText(foreign, zh)]).toEqual(["0123456", ""]);
});

it("tells the failures of the last half hour, and nothing where nothing was tried", () => {
  expect(failedPct(agent({ recent: { done: 0, failed: 0 } }))).toBeNull();
  expect([0.05, 12.44, 98.724, 99, 100, 0].map(formatPct)).toEqual(["0.05%", "12.4%", "98.72%", "99%", "100%", "0%"]);
  expect([null, 0.9, 1, 5].map(failedTone)).toEqual(["", "", "warn", "crit"]);
});

it("tells a reason before an old error, and silence before both", () => {
  const error = { at: "2026-01-01T00:00:00Z", code: "throttled", message: "503" };
  const reasons = [{ code: "never_heard", params: {} }, { code: "x", params: {} }];
  expect(problemOf(agent({ last_error: error }), zh)).toEqual({ text: "被限流", whole: "被限流\n503", past: true, more: 0 });
  expect(problemOf(agent({ last_error: error, reasons }), zh)).toMatchObject({ text: "never_heard", past: false, more: 1 });
  const low = [{ code: "disk_low", params: { free_bytes: "41943040" } }];
  expect(problemOf(agent({ reasons: low }), zh)).toMatchObject({ text: "磁盘空间不足", whole: "磁盘空间不足" });
  expect([codeText("throttled", zh), codeText("store_unreachable", zh), codeText("from_later", zh)]).toEqual(["被限流", "目的地没有正常应答", "from_later"]);
  expect(problemOf(agent({ condition: "offline", last_contact_at: null, reasons }), zh)?.text).toBe("注册后从未联系");
  expect(problemOf(agent({}), zh)).toBeNull();
});

it("asks within the scope of all pages", () => {
  const state = (values: Record<string, string[]>, q = "") => ({ q, values: (key: string) => values[key] ?? [] });
  const scope = { env: "prod", group: "g1" };
  expect(filterOf(state({ condition: ["failing"], config: ["none"] }), scope)).toEqual({
    condition: ["failing"], config: [""], group: ["g1"], selector: "env=prod",
  });
  expect(filterOf(state({ in: ["g2"], labels: ["biz=order"] }, "app"), scope)).toEqual({
    group: ["g2"], selector: "env=prod,biz=order", text: "app",
  });
});

it("sorts the worst first unless the address says otherwise", () => {
  expect([sortOf(undefined), sortOf("bogus"), sortOf("-failed")]).toEqual(["-condition", "-condition", "-failed"]);
});

it("takes values of one label for alternatives, and a selector that is typed as it is", () => {
  expect(selectorsOf(["site=sh", "biz=order", "site=bj", "!canary"])).toEqual(["site in (sh,bj)", "biz=order", "!canary"]);
});
