/** How the page hears of changes: one event stream per browser, held by one tab and relayed to the others. */

export type LiveKind = "connecting" | "live" | "polling" | "stale" | "paused";

export interface LiveState {
  kind: LiveKind;
  /** When something was last heard or fetched, by this browser's clock; to the second. */
  at: number;
  tries: number;
}

/** Something of a topic is newer than what the reader has; with an id only that object. */
export interface Hint {
  topic: string;
  id?: string;
}

/** null = anything may be newer: the stream began anew, or has a gap. */
export type OnHint = (hint: Hint | null) => void;

type Message = { type: "heartbeat" } | { type: "hint"; hint: Hint | null };

/** Silence after which the data counts as old. */
export const STALE_MS = 15_000;
/** Readers see seconds: a burst of hints, or of answers, is told once. */
const TOLD_MS = 1_000;
const FIRST_REOPEN_MS = 3_000;
const LAST_REOPEN_MS = 30_000;

interface Known {
  paused: boolean;
  heardAt: number;
  fetchedAt: number;
  startedAt: number;
}

/** What the header shows, from what is known; pure, so that it can be tested without a clock. */
export function judge(known: Known, now: number): LiveKind {
  if (known.paused) return "paused";
  if (now - known.heardAt < STALE_MS) return "live";
  if (known.heardAt === 0 && now - known.startedAt < FIRST_REOPEN_MS) return "connecting";
  return now - known.fetchedAt < STALE_MS ? "polling" : "stale";
}

/** How long a refused stream is left alone: longer with every try. */
export const reopenMs = (tries: number): number => Math.min(LAST_REOPEN_MS, FIRST_REOPEN_MS * 2 ** Math.max(0, tries - 1));

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
    private readonly onHint: OnHint,
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
    this.restart();
    this.onHint(null);
  }

  /** Connect anew, for example as somebody else. */
  restart(): void {
    if (this.paused || document.hidden) return;
    this.tries = 0;
    this.open();
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
            // another tab held the stream until now: what it heard last is not known here
            if (Date.now() - this.startedAt > FIRST_REOPEN_MS) this.onHint(null);
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
    for (const sign of ["ready", "heartbeat"]) source.addEventListener(sign, () => relay({ type: "heartbeat" }));
    source.addEventListener("resync", () => relay({ type: "hint", hint: null }));
    source.addEventListener("hint", (event: MessageEvent<string>) => {
      const { topic, id } = JSON.parse(event.data) as { topic: string; id?: string | null };
      relay({ type: "hint", hint: { topic, ...(id ? { id } : {}) } });
    });
    source.onerror = () => {
      this.tries += 1;
      this.update();
      // a refused stream (not a cut one) is not reopened by the browser
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.reopen = setTimeout(() => this.connect(), reopenMs(this.tries));
      }
    };
  }

  private receive(message: Message): void {
    this.heardAt = Date.now();
    this.tries = 0;
    if (message.type === "hint") this.onHint(message.hint);
    this.update();
  }

  private update(): void {
    const kind = judge(this, Date.now());
    const at = Math.max(this.heardAt, this.fetchedAt);
    if (kind === this.state.kind && this.tries === this.state.tries && at - this.state.at < TOLD_MS) return;
    this.state = { kind, at, tries: this.tries };
    for (const listener of this.listeners) listener();
  }
}
