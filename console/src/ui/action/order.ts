import type { Order } from "./types";

/** A key that names one order through all its tries; works without TLS too, where randomUUID does not exist. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An order without a dialog: to take something back, or from a form of its own. */
export const orderOf = (reason: string): Order => ({ reason, idempotencyKey: newKey(), revision: undefined });

/** The order as it goes to one of several objects: each has a key of its own. */
export const orderFor = (order: Order, target: string): Order => ({ ...order, idempotencyKey: `${order.idempotencyKey}-${target}` });

/** Run `work` for each item, a few at a time; never rejects: each item's end is told by `work` itself. */
export async function inTurn<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
