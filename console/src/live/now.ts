import { useSyncExternalStore } from "react";

/** The server's clock: ages are told by it, not by this browser's, which may be minutes off. */

/** A correction that readers see at once; less is the way of an answer, and waits for the next tick. */
const JUMP_MS = 1_000;

export class ServerClock {
  private offsetMs = 0;
  private readonly tickers = new Map<number, Ticker>();

  readonly now = (): number => Date.now() + this.offsetMs;

  /** Learn from an answer that was given at this moment. */
  learn(asOf: string): void {
    const offsetMs = Date.parse(asOf) - Date.now();
    const jumped = Math.abs(offsetMs - this.offsetMs) > JUMP_MS;
    this.offsetMs = offsetMs;
    if (jumped) for (const ticker of this.tickers.values()) ticker.renew();
  }

  /** One for all who want to hear as often. */
  ticker(everyMs: number): Ticker {
    const known = this.tickers.get(everyMs) ?? new Ticker(this.now, everyMs);
    this.tickers.set(everyMs, known);
    return known;
  }
}

/** The time as it was at the last tick, never further off than one: also after a correction, and after a tab slept. */
export class Ticker {
  private at = Number.NaN;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly now: () => number,
    private readonly everyMs: number,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.renew(), this.everyMs);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  readonly snapshot = (): number => {
    const now = this.now();
    if (!(Math.abs(now - this.at) <= this.everyMs)) this.at = now;
    return this.at;
  };

  renew(): void {
    this.at = this.now();
    for (const listener of this.listeners) listener();
  }
}

const clock = new ServerClock();

export const learnClock = (asOf: string): void => clock.learn(asOf);
export const serverNow = clock.now;

/** The server's time, renewed every `everyMs`. */
export function useServerNow(everyMs: number): number {
  const ticker = clock.ticker(everyMs);
  return useSyncExternalStore(ticker.subscribe, ticker.snapshot);
}
