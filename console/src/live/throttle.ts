/** Runs what is asked for each key at once, then at most once per gap; what was asked meanwhile runs once, at its end. */
export class Throttle {
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout> | null>();
  private readonly again = new Map<string, () => void>();

  constructor(private readonly gapMs: number) {}

  call(key: string, run: () => void): void {
    if (this.waiting.has(key)) {
      this.again.set(key, run);
      return;
    }
    run();
    this.waiting.set(
      key,
      setTimeout(() => {
        this.waiting.delete(key);
        const next = this.again.get(key);
        this.again.delete(key);
        if (next) this.call(key, next);
      }, this.gapMs),
    );
  }
}
