import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useKeys } from "./keys";
import { onPaletteAsked } from "./palette/state";
import { usePages } from "./usePages";

const Palette = lazy(() => import("./palette/Palette"));
const KeyList = lazy(() => import("./KeyList"));

/** The keys that hold everywhere, and what they open. */
export function FrameKeys() {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const navigate = useNavigate();
  const pages = usePages().flatMap((group) => group.pages);
  useEffect(() => onPaletteAsked(() => setOpen("palette")), []);
  useKeys([
    { key: "mod+k", label: "keys.palette", run: () => setOpen("palette") },
    { key: "/", run: () => focusSearch() || setOpen("palette") },
    { key: "?", label: "keys.list", run: () => setOpen("keys") },
    ...pages.map(({ path, letter, key }) => ({
      key: `g ${letter}`,
      label: `nav.${key}` as const,
      run: () => void navigate({ to: path }),
    })),
  ]);
  return (
    <Suspense>
      {open === "palette" && <Palette close={() => setOpen(null)} />}
      {open === "keys" && <KeyList close={() => setOpen(null)} />}
    </Suspense>
  );
}

/** The search field of the page's list, when it has one. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main input[data-search]");
  field?.focus();
  return field !== null;
}
