import { useSyncExternalStore } from "react";
import { beginIncoming, cancelIncoming, finishIncoming, putPiece } from "../../../api/incoming";
import { type Calls, putFile } from "./put";

/** The files on their way to hosts. They go on while the reader looks at other pages, two at a time. */

export type JobState = "waiting" | "sending" | "checking" | "done" | "failed" | "cancelled";

export interface Job {
  id: number;
  agent: string;
  directory: string;
  file: File;
  reason: string;
  replace: boolean;
  state: JobState;
  sent: number;
  /** Why it failed. */
  error: unknown;
}

export type Wish = Pick<Job, "agent" | "directory" | "file" | "reason" | "replace">;

const AT_ONCE = 2;
const RUNNING: ReadonlySet<JobState> = new Set(["sending", "checking"]);
const ENDED: ReadonlySet<JobState> = new Set(["done", "failed", "cancelled"]);

export const isEnded = ({ state }: Job): boolean => ENDED.has(state);

export class IncomingQueue {
  private jobs: readonly Job[] = [];
  private last = 0;
  private readonly lives = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly callsOf: (agent: string) => Calls) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): readonly Job[] => this.jobs;

  add(wishes: readonly Wish[]): void {
    const added = wishes.map((wish): Job => ({ ...wish, id: ++this.last, state: "waiting", sent: 0, error: null }));
    this.set([...this.jobs, ...added]);
    this.begin();
  }

  cancel(id: number): void {
    this.lives.get(id)?.abort();
    this.set(this.jobs.map((job) => (job.id === id && job.state === "waiting" ? { ...job, state: "cancelled" } : job)));
  }

  retry(id: number, replace: boolean): void {
    this.change(id, { state: "waiting", error: null, replace });
    this.begin();
  }

  /** Take those that have ended out of the list. */
  clear(): void {
    this.set(this.jobs.filter((job) => !isEnded(job)));
  }

  private begin(): void {
    const free = AT_ONCE - this.jobs.filter(({ state }) => RUNNING.has(state)).length;
    const next = this.jobs.filter(({ state }) => state === "waiting").slice(0, Math.max(0, free));
    for (const job of next) void this.run(job);
  }

  private async run(job: Job): Promise<void> {
    const { id, agent, directory, file, reason, replace } = job;
    const life = new AbortController();
    this.lives.set(id, life);
    this.change(id, { state: "sending" });
    const order = { directory, name: file.name, size_bytes: file.size, modified_at_ms: file.lastModified, replace, reason };
    try {
      const tell = (sent: number, checking: boolean): void => this.change(id, { sent, state: checking ? "checking" : "sending" });
      await putFile({ file, order, calls: this.callsOf(agent), signal: life.signal, tell });
      this.change(id, { state: "done", sent: file.size });
    } catch (error) {
      this.change(id, life.signal.aborted ? { state: "cancelled" } : { state: "failed", error });
    } finally {
      this.lives.delete(id);
      this.begin();
    }
  }

  private change(id: number, change: Partial<Job>): void {
    this.set(this.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)));
  }

  private set(jobs: readonly Job[]): void {
    const busy = (list: readonly Job[]): boolean => list.some((job) => !isEnded(job));
    if (busy(jobs) !== busy(this.jobs)) guard(busy(jobs));
    this.jobs = jobs;
    for (const listener of this.listeners) listener();
  }
}

const ask = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Have the browser ask before the page is left while files are on their way. */
const guard = (on: boolean): void => (on ? addEventListener : removeEventListener)("beforeunload", ask as EventListener);

const queue = new IncomingQueue((agent) => ({
  begin: (order, signal) => beginIncoming(agent, order, signal),
  piece: (id, offset, bytes, signal) => putPiece(agent, id, offset, bytes, signal),
  finish: (id, end, signal) => finishIncoming(agent, id, end, signal),
  cancel: (id, path) => cancelIncoming(agent, id, path),
}));

export const incoming: Pick<IncomingQueue, "add" | "cancel" | "retry" | "clear"> = queue;

export const useJobs = (): readonly Job[] => useSyncExternalStore(queue.subscribe, queue.snapshot);
