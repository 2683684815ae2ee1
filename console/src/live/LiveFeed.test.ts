import { expect, it } from "vitest";
import { judge, STALE_MS } from "./LiveFeed";

const NOW = 1_000_000;
const known = { paused: false, heardAt: 0, fetchedAt: 0, startedAt: NOW };

it("connects first", () => expect(judge(known, NOW + 1_000)).toBe("connecting"));
it("is live while something is heard", () => expect(judge({ ...known, heardAt: NOW }, NOW + STALE_MS - 1)).toBe("live"));
it("polls when only answers come", () => expect(judge({ ...known, fetchedAt: NOW + 9_000 }, NOW + 10_000)).toBe("polling"));
it("is stale when nothing comes", () => expect(judge({ ...known, heardAt: NOW }, NOW + STALE_MS)).toBe("stale"));
it("stays paused whatever is heard", () => expect(judge({ ...known, paused: true, heardAt: NOW }, NOW)).toBe("paused"));
