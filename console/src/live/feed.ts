import { baseUrl } from "../api/client";
import { queryClient } from "./client";
import { type Hint, LiveFeed } from "./LiveFeed";
import { Throttle } from "./throttle";

/** The stream of this browser and what its hints do to the queries. */

const AGAIN_MS = 1_000;
const throttle = new Throttle(AGAIN_MS);

/** Keys of queries that show what a topic is about, where they do not begin with its name. */
const ALSO: Record<string, readonly string[]> = {
  health: ["overview", "verdict"], alerts: ["verdict"], files: ["file-events", "file-trace"], rollouts: ["configs"], tasks: ["file-trace"], flows: ["file-trace"], dlq: ["file-trace"],
};

/** The key of one object is [topic, "one", id, …]; a hint about another object leaves it alone. */
export function concerns(hint: Hint | null, key: readonly unknown[]): boolean {
  if (hint === null) return true;
  if (key[0] !== hint.topic && !ALSO[hint.topic]?.some((name) => name === key[0])) return false;
  return hint.id === undefined || key[1] !== "one" || String(key[2]) === hint.id;
}

function refresh(hint: Hint | null): void {
  if (feed.paused || document.hidden) return; // a hint of before that waited for its turn
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }): boolean => concerns(hint, queryKey);
  // a request on its way is left alone, or a busy fleet would never let one end; its answer may be older than this hint
  const busy = queryClient.isFetching({ predicate }) > 0;
  void queryClient.invalidateQueries({ predicate }, { cancelRefetch: false });
  if (busy) setTimeout(() => onHint(hint), AGAIN_MS);
}

function onHint(hint: Hint | null): void {
  throttle.call(hint === null ? "*" : `${hint.topic} ${hint.id ?? ""}`, () => refresh(hint));
}

export const feed = new LiveFeed(new URL("api/v1/stream", baseUrl).href, onHint);

queryClient.getQueryCache().subscribe((event) => {
  if (event.type === "updated" && event.action.type === "success") feed.fetched();
});
