import { describe, expect, it } from "vitest";
import { flowYaml, toYaml } from "./yaml";

describe("a document as YAML", () => {
  it("stands in blocks", () => {
    const steps = [{ id: "send", needs: [], config: { url: "https://a/b" } }, { id: "tell", needs: ["send"] }];
    expect(toYaml({ name: "日志归档", steps })).toBe(
      'name: 日志归档\nsteps:\n  - id: send\n    needs: []\n    config:\n      url: "https://a/b"\n  - id: tell\n    needs:\n      - send\n',
    );
  });

  it("begins with names, whatever the order in which it was kept", () => {
    const kept = { description: "d", name: "n", steps: [{ action: "APPROVAL", extra: 1, id: "ask", title: "t" }] };
    expect(flowYaml(kept)).toBe("name: n\ndescription: d\nsteps:\n  - id: ask\n    title: t\n    action: APPROVAL\n    extra: 1\n");
  });

  it("quotes what would be read as something else", () => {
    expect(toYaml({ a: "true", b: "12", c: "", d: " x", e: "a: b", f: "- x", g: null, h: "a\nb" })).toBe('a: "true"\nb: "12"\nc: ""\nd: " x"\ne: "a: b"\nf: "- x"\ng: null\nh: "a\\nb"\n');
  });
});
