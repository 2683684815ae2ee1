import type { RequestError } from "../../../api/client";
import type { IncomingDone, IncomingEnd, IncomingOrder, IncomingState } from "../../../api/incoming";
import { Sha256 } from "./sha256";

/** One file on its way to a host: begun, sent piece by piece, summed up, given its name. */

export interface Calls {
  begin: (order: IncomingOrder, signal: AbortSignal) => Promise<IncomingState>;
  piece: (id: string, offset: number, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<IncomingState>;
  finish: (id: string, end: IncomingEnd, signal: AbortSignal) => Promise<IncomingDone>;
  cancel: (id: string, path: string) => Promise<unknown>;
}

export interface Work {
  file: Blob;
  order: IncomingOrder;
  calls: Calls;
  signal: AbortSignal;
  /** How many bytes the host has; whether they are being checked. */
  tell: (sent: number, checking: boolean) => void;
  /** Waits between tries; none in tests. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Tries without a step forward before it is given up, about two minutes. */
const MOST_TRIES = 10;
const LONGEST_WAIT_MS = 15_000;
/** Refusals of a state that passes: nobody answers, or enough is going on. */
const PASSING = new Set([0, 429, 502, 503, 504]);
/** Refusals of such a kind that another try does not help. */
const FINAL = new Set(["no_room", "agent_revoked"]);

/** The browser does not give the bytes: the file was moved or changed since it was chosen. */
export class UnreadableError extends Error {}

export async function putFile({ file, order, calls, signal, tell, wait = pause }: Work): Promise<IncomingDone> {
  const bytes = new Reader(file);
  let known: IncomingState | undefined;
  /** Does it again while that may help; `step` says that it went forward. */
  const patiently = async <T>(act: (step: () => void) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act(() => (tries = 0));
      } catch (error) {
        signal.throwIfAborted();
        if (tries >= MOST_TRIES || !passes(error)) throw error;
        await wait(retryMs(error, tries), signal);
      }
    }
  };
  try {
    const state = await patiently(async (step) => {
      known = await calls.begin(order, signal); // says also how much of it is there already
      for (let at = known.received_bytes; at < order.size_bytes; at = known.received_bytes) {
        tell(at, false);
        signal.throwIfAborted();
        known = await calls.piece(known.incoming_id, at, await bytes.read(at, known.piece_bytes), signal);
        step();
      }
      return known;
    });
    tell(order.size_bytes, true);
    const end = { path: state.path, size_bytes: order.size_bytes, sha256: await bytes.sha256(), reason: order.reason };
    return await patiently(() => calls.finish(state.incoming_id, end, signal));
  } catch (error) {
    // what came of it is of no use; a host that cannot be told removes it by itself after a while
    if (known && signal.aborted) await calls.cancel(known.incoming_id, known.path).catch(() => undefined);
    throw error;
  }
}

/** What the server or the agent said; null = the failure is this browser's own. */
const refusalOf = (error: unknown): Pick<RequestError, "code" | "status" | "retryAfter"> | null =>
  error instanceof Error && error.name === "RequestError" ? (error as RequestError) : null;

function passes(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== null && !FINAL.has(refusal.code) && (PASSING.has(refusal.status) || refusal.code === "out_of_order");
}

const retryMs = (error: unknown, tries: number): number => {
  const told = refusalOf(error)?.retryAfter ?? null;
  return told === null ? Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries) : 1_000 * told;
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

/** The bytes of a file; each is summed up once, in order, whatever is read. */
class Reader {
  private readonly sum = new Sha256();
  private summed = 0;

  constructor(private readonly file: Blob) {}

  async read(at: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.summed < at) await this.take(this.summed, Math.min(most, at - this.summed));
    return this.take(at, most);
  }

  async sha256(): Promise<string> {
    while (this.summed < this.file.size) await this.take(this.summed, 1 << 20);
    return this.sum.hex();
  }

  private async take(at: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await bytesOf(this.file.slice(at, at + most));
    const fresh = bytes.subarray(Math.min(bytes.length, this.summed - at));
    this.sum.update(fresh);
    this.summed += fresh.length;
    return bytes;
  }
}

async function bytesOf(part: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const bytes = new Uint8Array(await part.arrayBuffer());
    if (bytes.length === part.size) return bytes;
  } catch (cause) {
    throw new UnreadableError("the file cannot be read", { cause });
  }
  throw new UnreadableError("the file was cut");
}
