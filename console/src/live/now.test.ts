import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ServerClock } from "./now";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const MINUTES = 60_000;

beforeEach(() => vi.useFakeTimers({ now: NOON }));
afterEach(() => vi.useRealTimers());

it.each([5, -5])("tells the server's time at once when this browser's clock is %i minutes off", (minutes) => {
  const clock = new ServerClock();
  const ticker = clock.ticker(10_000);
  const heard = vi.fn();
  ticker.subscribe(heard);
  expect(ticker.snapshot()).toBe(NOON);
  clock.learn(new Date(NOON - minutes * MINUTES).toISOString());
  expect(heard).toHaveBeenCalledTimes(1);
  expect(ticker.snapshot()).toBe(NOON - minutes * MINUTES);
});

it("moves on tick by tick, and not with every answer", () => {
  const clock = new ServerClock();
  const ticker = clock.ticker(10_000);
  const heard = vi.fn();
  const leave = ticker.subscribe(heard);
  ticker.snapshot();
  vi.advanceTimersByTime(4_000);
  clock.learn(new Date(Date.now() + 300).toISOString());
  expect(ticker.snapshot()).toBe(NOON);
  vi.advanceTimersByTime(6_000);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(ticker.snapshot()).toBe(NOON + 10_300);
  leave();
  vi.advanceTimersByTime(60_000);
  expect(heard).toHaveBeenCalledTimes(1);
});

it("is not behind after a tab slept without ticks", () => {
  const ticker = new ServerClock().ticker(10_000);
  ticker.snapshot();
  vi.setSystemTime(NOON + 30 * MINUTES);
  expect(ticker.snapshot()).toBe(NOON + 30 * MINUTES);
});
