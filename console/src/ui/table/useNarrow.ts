import { useSyncExternalStore } from "react";

/** Whether the window is at most this wide. */
export function useNarrow(width: number): boolean {
  const query = matchMedia(`(max-width: ${width}px)`);
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
