import { describe, expect, it } from "vitest";
import { faultText } from "./faults";

describe("faults of a document", () => {
  const step = { code: "unknown_step", message: "there is no step 'x'; there are a, b", params: { name: "x", known: "a, b" } };

  it("are whole sentences in Chinese where the values are there", () => {
    expect(faultText("zh", step)).toEqual({ word: "没有步骤 x；有：a, b", rest: "" });
    expect(faultText("zh", { code: "wrong_type", message: "m", params: { want: "string", have: "array" } }).word).toBe("类型不对：应为文本，现在是列表");
  });

  it("keep the server's sentence where a value is missing or the code is not known", () => {
    expect(faultText("zh", { code: "wrong_type", message: "a list of actions is needed" })).toEqual({ word: "类型不对", rest: "a list of actions is needed" });
    expect(faultText("zh", { code: "of_a_plugin", message: "no such queue" })).toEqual({ word: "", rest: "no such queue" });
  });

  it("are the server's words in English", () => {
    expect(faultText("en", step)).toEqual({ word: "", rest: step.message });
  });
});
