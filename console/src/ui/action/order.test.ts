import { expect, it } from "vitest";
import { inTurn, newKey, orderFor, orderOf } from "./order";

it("makes keys that differ", () => {
  expect(new Set(Array.from({ length: 50 }, newKey)).size).toBe(50);
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
});

it("gives each object of one order a key of its own", () => {
  const order = orderOf("why");
  expect(["a", "b", "a"].map((target) => orderFor(order, target).idempotencyKey)).toEqual([`${order.idempotencyKey}-a`, `${order.idempotencyKey}-b`, `${order.idempotencyKey}-a`]);
  expect(order).toMatchObject({ reason: "why", revision: undefined });
});

it("runs each item once, a few at a time", async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  await inTurn([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    seen.push(item);
    running -= 1;
  });
  expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});
