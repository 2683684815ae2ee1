import { describe, expect, it } from "vitest";
import type { IncomingOrder } from "../../../api/incoming";
import { type Calls, putFile, UnreadableError } from "./put";
import { Sha256 } from "./sha256";

const WHOLE = Uint8Array.from({ length: 2_500 }, (_, at) => (at * 31) & 255);
const ORDER: IncomingOrder = { directory: "/d", name: "a.log", size_bytes: WHOLE.length, modified_at_ms: 1, replace: false, reason: "" };
const refusal = (status: number, code: string): Error => Object.assign(new Error(code), { name: "RequestError", status, code, retryAfter: null });

/** A host that keeps what it gets; `trouble` is thrown in the place of answers, first come first served. */
class Host implements Calls {
  bytes: number[] = [];
  ended: string[] = [];
  begun = 0;
  trouble: { begin: Error[]; piece: Error[]; lost: Error[]; finish: Error[] } = { begin: [], piece: [], lost: [], finish: [] };

  private state = () => ({ incoming_id: "i", path: "/d/a.log", size_bytes: WHOLE.length, received_bytes: this.bytes.length, piece_bytes: 1_000, kept_for_s: 1, as_of: "" });
  private fail(errors: Error[]): void {
    const error = errors.shift();
    if (error) throw error;
  }
  begin = async () => {
    this.begun += 1;
    this.fail(this.trouble.begin);
    return this.state();
  };
  piece = async (_: string, offset: number, bytes: Uint8Array) => {
    this.fail(this.trouble.piece);
    this.bytes.splice(offset, this.bytes.length, ...bytes);
    this.fail(this.trouble.lost);
    return this.state();
  };
  finish = async (_: string, { sha256 }: { sha256: string }) => {
    this.fail(this.trouble.finish);
    this.ended.push(sha256);
    return { path: "/d/a.log", size_bytes: WHOLE.length, sha256, as_of: "" };
  };
  cancel = async () => void this.ended.push("cancelled");
}

const put = (host: Host, more: Partial<Parameters<typeof putFile>[0]> = {}) =>
  putFile({ file: new Blob([WHOLE]), order: ORDER, calls: host, signal: new AbortController().signal, tell: () => undefined, wait: async () => undefined, ...more });

const SUM = new Sha256().update(WHOLE).hex();

describe("a file on its way", () => {
  it("arrives piece by piece with its sum", async () => {
    const host = new Host();
    const told: number[] = [];
    await put(host, { tell: (sent) => told.push(sent) });
    expect(host.bytes).toEqual([...WHOLE]);
    expect(host.ended).toEqual([SUM]);
    expect(told).toEqual([0, 1_000, 2_000, 2_500]);
  });

  it("goes on where an earlier try stopped, and sums up what was sent then", async () => {
    const host = new Host();
    host.bytes = [...WHOLE.subarray(0, 1_234)];
    await put(host);
    expect(host.bytes).toEqual([...WHOLE]);
    expect(host.ended).toEqual([SUM]);
  });

  it("gets over lost answers, busy and absent hosts", async () => {
    const host = new Host();
    host.trouble = { begin: [refusal(429, "agent_busy")], piece: [refusal(503, "agent_offline")], lost: [refusal(0, "network")], finish: [refusal(503, "agent_silent")] };
    await put(host);
    expect(host.bytes).toEqual([...WHOLE]);
    expect(host.ended).toEqual([SUM]);
  });

  it("is given up after many tries without a step, and at once when another try does not help", async () => {
    const away = new Host();
    away.trouble.begin = Array.from({ length: 50 }, () => refusal(503, "agent_offline"));
    await expect(put(away)).rejects.toMatchObject({ code: "agent_offline" });
    expect(away.begun).toBe(10);
    const full = new Host();
    full.trouble.piece = [refusal(503, "no_room")];
    await expect(put(full)).rejects.toMatchObject({ code: "no_room" });
    expect(full.begun).toBe(1);
  });

  it("leaves nothing at the host when it is cancelled", async () => {
    const host = new Host();
    const life = new AbortController();
    await expect(put(host, { signal: life.signal, tell: (sent) => sent >= 1_000 && life.abort(), wait: () => Promise.reject(life.signal.reason) })).rejects.toThrow();
    expect(host.ended).toEqual(["cancelled"]);
  });

  it("says when the browser no longer reads the file", async () => {
    const file = new Blob([WHOLE]);
    const broken = Object.assign(Object.create(file) as Blob, { slice: () => ({ size: 1_000, arrayBuffer: () => Promise.reject(new DOMException("gone")) }) });
    await expect(put(new Host(), { file: broken })).rejects.toThrow(UnreadableError);
  });
});
