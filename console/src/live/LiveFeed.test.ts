import { afterEach, expect, it, vi } from "vitest";
import { judge, LiveFeed, STALE_MS } from "./LiveFeed";

const NOW = 1_000_000;
const known = { paused: false, heardAt: 0, fetchedAt: 0, startedAt: NOW };

it("connects first", () => expect(judge(known, NOW + 1_000)).toBe("connecting"));
it("is live while something is heard", () => expect(judge({ ...known, heardAt: NOW }, NOW + STALE_MS - 1)).toBe("live"));
it("polls when only answers come", () => expect(judge({ ...known, fetchedAt: NOW + 9_000 }, NOW + 10_000)).toBe("polling"));
it("is stale when nothing comes", () => expect(judge({ ...known, heardAt: NOW }, NOW + STALE_MS)).toBe("stale"));
it("stays paused whatever is heard", () => expect(judge({ ...known, paused: true, heardAt: NOW }, NOW)).toBe("paused"));

afterEach(() => void vi.useRealTimers());

it("tells of a burst once, and of what comes a second later", () => {
  vi.useFakeTimers({ now: NOW });
  const feed = new LiveFeed("http://here/api/v1/stream", () => undefined);
  let told = 0;
  feed.subscribe(() => (told += 1));
  for (let at = 0; at < 100; at += 1) {
    vi.setSystemTime(NOW + at);
    feed.fetched();
  }
  expect(told).toBe(1);
  vi.setSystemTime(NOW + 1_000);
  feed.fetched();
  expect([told, feed.snapshot().at]).toEqual([2, NOW + 1_000]);
});
