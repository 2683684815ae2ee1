import { useState } from "react";
import { Diff, type DiffView } from "../ui/diff/Diff";
import { type FieldChange, MASK } from "../ui/diff/values";
import type { Story } from "./story";

const changes: readonly FieldChange[] = [
  { path: "/agent/limits/workers", kind: "changed", before: 8, after: 32 },
  { path: "/agent/watch/0/exclude", kind: "added", before: undefined, after: ["*.tmp", "*.swp"] },
  { path: "/stores/archive/secret_key", kind: "changed", before: MASK, after: MASK },
  { path: "/agent/retry/first_wait", kind: "removed", before: "2s", after: undefined },
];

const lines = (workers: number, path: string): string =>
  [
    "agent:", "  watch:", `    - path: ${path}`, "      key: \"{hostname}/{path}\"", "  limits:", `    workers: ${workers}`,
    ...Array.from({ length: 14 }, (_, index) => `    unchanged_${index}: ${index}`), "stores:", "  archive:", `    url: s3://archive-${workers === 8 ? "sh" : "sh-2"}`, "",
  ].join("\n");

const texts = { before: lines(8, "/data/logs"), after: lines(32, "/data/logs/app") };
const names = { before: "v41", after: "v42" };

function Example({ start, some = changes, whole = true }: { start: DiffView; some?: readonly FieldChange[]; whole?: boolean }) {
  const [view, setView] = useState<DiffView>(start);
  return <div className="pad"><Diff changes={some} {...(whole ? { texts } : {})} names={names} view={view} onView={setView} /></div>;
}

export const stories: readonly Story[] = [
  { name: "field by field", render: () => <Example start="fields" /> },
  { name: "one below the other", render: () => <Example start="unified" /> },
  { name: "side by side", render: () => <Example start="split" /> },
  { name: "fields only", render: () => <Example start="fields" whole={false} /> },
  { name: "no difference", render: () => <Example start="fields" some={[]} whole={false} /> },
];
