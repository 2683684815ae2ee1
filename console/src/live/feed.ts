/** How the page hears of changes: one event stream per browser, relayed between its tabs. */

export type LiveKind = "connecting" | "live" | "polling" | "stale" | "paused";

export interface LiveState {
  kind: LiveKind;
  /** When something was last heard or fetched, by this browser's clock. */
  at: number;
  tries: number;
}

type Message = { type: "heartbeat" } | { type: "hint"; topic: string };

/** Silence after which the data counts as old. */
export const STALE_MS = 15_000;
const REOPEN_MS = 3_000;

/** What the header shows, from what is known; pure, so that it can be tested without a clock. */
export function judge(known: { paused: boolean; heardAt: number; fetchedAt: number; startedAt: number }, now: number): LiveKind {
  if (known.paused) return "paused";
  if (now - known.heardAt < STALE_MS) return "live";
  if (known.heardAt === 0 && now - known.startedAt < REOPEN_MS) return "connecting";
  return now - known.fetchedAt < STALE_MS ? "polling" : "stale";
}

export class LiveFeed {
  private state: LiveState = { kind: "connecting", at: 0, tries: 0 };
  private readonly listeners = new Set<() => void>();
  paused = false;
  heardAt = 0;
  fetchedAt = 0;
  startedAt = 0;
  private tries = 0;
  private source: EventSource | undefined;
  private reopen: ReturnType<typeof setTimeout> | undefined;
  private giveUpLock: AbortController | undefined;
  private channel: BroadcastChannel | undefined;

  constructor(
    private readonly url: string,
    private readonly onHint: (topic: string | null) => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.state;

  /** Begin; returns the way to end. */
  start(): () => void {
    const onVisibility = (): void => {
      if (document.hidden) this.close();
      else if (!this.paused) {
        this.open();
        this.onHint(null);
      }
    };
    document.addEventListener("visibilitychange", onVisibility);
    const timer = setInterval(() => this.update(), 1_000);
    if (!document.hidden) this.open();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisibility);
      this.close();
    };
  }

  pause(): void {
    this.paused = true;
    this.close();
    this.update();
  }

  resume(): void {
    this.paused = false;
    this.open();
    this.onHint(null);
  }

  /** Tell that a query was answered, so that polling counts as alive. */
  fetched(): void {
    this.fetchedAt = Date.now();
    this.update();
  }

  private open(): void {
    this.close();
    this.startedAt = Date.now();
    this.channel = new BroadcastChannel(`gwf.stream ${this.url}`);
    this.channel.onmessage = (event: MessageEvent<Message>) => this.receive(event.data);
    const lock = new AbortController();
    this.giveUpLock = lock;
    // Locks exist in secure contexts only; without them every tab has its own stream
    if (!("locks" in navigator)) this.connect();
    else {
      const held = (): Promise<void> =>
        new Promise((resolve) => {
          if (lock.signal.aborted) resolve();
          else {
            lock.signal.addEventListener("abort", () => resolve());
            this.connect();
          }
        });
      navigator.locks.request(`gwf.stream ${this.url}`, { signal: lock.signal }, held).catch((reason: unknown) => {
        if (!lock.signal.aborted) throw reason;
      });
    }
    this.update();
  }

  private close(): void {
    clearTimeout(this.reopen);
    this.source?.close();
    this.source = undefined;
    this.giveUpLock?.abort();
    this.channel?.close();
    this.channel = undefined;
  }

  private connect(): void {
    const source = new EventSource(this.url);
    this.source = source;
    const relay = (message: Message): void => {
      this.channel?.postMessage(message);
      this.receive(message);
    };
    source.addEventListener("heartbeat", () => relay({ type: "heartbeat" }));
    source.addEventListener("hint", (event: MessageEvent<string>) => {
      const { topic } = JSON.parse(event.data) as { topic: string };
      relay({ type: "hint", topic });
    });
    source.onerror = () => {
      this.tries += 1;
      this.update();
      // a refused stream (not a cut one) is not reopened by the browser
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.reopen = setTimeout(() => this.connect(), REOPEN_MS);
      }
    };
  }

  private receive(message: Message): void {
    this.heardAt = Date.now();
    this.tries = 0;
    if (message.type === "hint") this.onHint(message.topic);
    this.update();
  }

  private update(): void {
    const kind = judge(this, Date.now());
    const at = Math.max(this.heardAt, this.fetchedAt);
    if (kind === this.state.kind && at === this.state.at && this.tries === this.state.tries) return;
    this.state = { kind, at, tries: this.tries };
    for (const listener of this.listeners) listener();
  }
}
