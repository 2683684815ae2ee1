import type { Tone } from "./Status";

/** The tone of a process's or host's health, wherever it is shown. */
export const HEALTH_TONE: Record<"ok" | "degraded" | "failing", Tone> = { ok: "ok", degraded: "warn", failing: "crit" };
