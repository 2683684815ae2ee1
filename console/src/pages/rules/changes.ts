import type { Json } from "../../api/configs";
import { isBlock } from "../../ui/edit/places";
import type { FieldChange } from "../../ui/diff/values";

/** How two versions of a rule differ, value by value. Pure. */
export function changesBetween(before: Json, after: Json, path = ""): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const inner = stepsOf(before, after);
  if (!inner) return [{ path, kind: "changed", before, after }];
  return inner.flatMap((step) => {
    const at = `${path}/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const [old, now] = [valueOf(before, step), valueOf(after, step)];
    if (old === undefined) return now === undefined ? [] : [{ path: at, kind: "added" as const, before: undefined, after: now }];
    if (now === undefined) return [{ path: at, kind: "removed" as const, before: old, after: undefined }];
    return changesBetween(old, now, at);
  });
}

function stepsOf(a: Json, b: Json): string[] | undefined {
  if (Array.isArray(a) && Array.isArray(b)) return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => String(index));
  if (isBlock(a) && isBlock(b)) return [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return undefined;
}

const valueOf = (holder: Json, step: string): Json | undefined => (Array.isArray(holder) ? holder[Number(step)] : isBlock(holder) ? holder[step] : undefined);
