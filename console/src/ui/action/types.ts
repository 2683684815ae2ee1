import type { ReactNode } from "react";

/** What the server says an act would do, before it is done (`dry_run`). */
export interface Preview {
  affected?: { count: number; names: readonly string[] };
  /** Diff, numbers, waves: whatever shows the change best. */
  picture?: ReactNode;
  risk?: "low" | "medium" | "high";
  /** What makes the risk, in words. */
  why?: readonly string[];
  /** How to get back, in words; undefined = it cannot be undone. */
  wayBack?: string;
  /** Who has to agree, and by which rule; undefined = nobody. */
  approval?: string;
  /** What was looked at; sent along, so that another change in between is noticed. */
  revision?: string;
}

/** What is sent with an act. */
export interface Order {
  reason: string;
  /** For the header Idempotency-Key: the same through all tries of one order. */
  idempotencyKey: string;
  /** For the header If-Match; undefined = the preview had none. */
  revision: string | undefined;
}

export interface Target {
  key: string;
  name: string;
}

export type Step = { state: "waiting" | "running" | "done" } | { state: "failed"; error: unknown };
