import type { Document } from "../../../api/configs";
import type { DryRunWish } from "../../../api/rules";

/** The event that a rule is tried with. Pure. */

export type SampleKind = "path" | "event" | "row";

export interface Sample {
  kind: SampleKind;
  path: string;
  /** JSON as it is typed. */
  event: string;
  rowId: string;
  rowKind: "event" | "file";
}

export const EXAMPLE: Document = {
  type: "gwf.file.done", path: "/var/log/app/a.log", size_bytes: 4096, agent_id: "host-1", labels: { env: "prod" }, time: "2026-10-09T23:00:00+08:00",
};

export const START: Sample = { kind: "path", path: "/var/log/app/a.log", event: JSON.stringify(EXAMPLE, null, 2), rowId: "", rowKind: "file" };

/** A stored event, as the address names it; without one the usual sample. */
export const sampleOf = ({ event, kind }: { event?: string | undefined; kind?: "event" | "file" | undefined }): Sample =>
  event === undefined ? START : { ...START, kind: "row", rowId: event, rowKind: kind ?? "file" };

/** What is sent; null = it is not complete, or no JSON. */
export function wishOf(sample: Sample): Partial<DryRunWish> | null {
  switch (sample.kind) {
    case "path":
      return sample.path.trim() ? { path: sample.path.trim() } : null;
    case "row":
      return /^\d{1,19}$/.test(sample.rowId.trim()) ? { row_id: sample.rowId.trim(), kind: sample.rowKind } : null;
    case "event": {
      const event = read(sample.event);
      return event ? { event: event as DryRunWish["event"] & object } : null;
    }
  }
}

export function read(text: string): Document | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Document) : null;
  } catch {
    return null;
  }
}
