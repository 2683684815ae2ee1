import { expect, it } from "vitest";
import { Sha256 } from "./sha256";

const bytes = (count: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: count }, (_, at) => (at * 7 + (at >> 8)) & 255);

const knownOf = async (whole: Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)), (byte) => byte.toString(16).padStart(2, "0")).join("");

it("sums up as others do, whatever the lengths and pieces", async () => {
  for (const count of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000, 70_001]) {
    const whole = bytes(count);
    const known = await knownOf(whole);
    expect(new Sha256().update(whole).hex()).toBe(known);
    const sum = new Sha256();
    for (let at = 0; at < count; at += 61) sum.update(whole.subarray(at, at + 61));
    expect(sum.hex()).toBe(known);
  }
});
