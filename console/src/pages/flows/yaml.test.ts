import { describe, expect, it } from "vitest";
import { toYaml } from "./yaml";

describe("a document as YAML", () => {
  it("stands in blocks", () => {
    const steps = [{ id: "send", needs: [], config: { url: "https://a/b" } }, { id: "tell", needs: ["send"] }];
    expect(toYaml({ name: "日志归档", steps })).toBe(
      'name: 日志归档\nsteps:\n  - id: send\n    needs: []\n    config:\n      url: "https://a/b"\n  - id: tell\n    needs:\n      - send\n',
    );
  });

  it("quotes what would be read as something else", () => {
    expect(toYaml({ a: "true", b: "12", c: "", d: " x", e: "a: b", f: "- x", g: null, h: "a\nb" })).toBe('a: "true"\nb: "12"\nc: ""\nd: " x"\ne: "a: b"\nf: "- x"\ng: null\nh: "a\\nb"\n');
  });
});
