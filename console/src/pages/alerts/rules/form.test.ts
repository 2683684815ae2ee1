import { describe, expect, it } from "vitest";
import { labelLines, labelsOfLines, namesOf, wayOf, withWay } from "./form";

describe("the form of an alert rule", () => {
  it("keeps one way to fire at a time", () => {
    const counted = withWay({ name: "x", absent: "5m" }, "count");
    expect(counted).toEqual({ name: "x", threshold: { count: 5, within: "5m" } });
    expect(wayOf(counted)).toBe("count");
    expect(wayOf(withWay(counted, "once"))).toBe("once");
    expect(withWay(counted, "absent")).toEqual({ name: "x", absent: "10m" });
  });
  it("reads names and labels as they are typed", () => {
    expect(namesOf(" agent_id,data.store , ")).toEqual(["agent_id", "data.store"]);
    expect(labelsOfLines("team = db\n\nurl = ${data.url}?a=b")).toEqual({ team: "db", url: "${data.url}?a=b" });
    expect(labelLines({ team: "db", n: 3 })).toBe("team = db\nn = 3");
    expect(labelsOfLines("  ")).toBeUndefined();
  });
});
