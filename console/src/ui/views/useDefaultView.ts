import { useEffect, useRef } from "react";
import type { SavedView } from "../../api/views";
import type { ListState } from "../../app/listSearch";
import { applied } from "./views";

/** A list that is opened without any wish of its own begins with the reader's default view; once. */
export function useDefaultView(views: readonly SavedView[], state: ListState, putColumns: (keys: readonly string[] | null) => void): void {
  const asked = useRef(state.filtered || state.sort !== undefined || state.view !== undefined || state.sel !== undefined);
  const view = views.find(({ is_default }) => is_default);
  useEffect(() => {
    if (asked.current || !view) return;
    asked.current = true;
    state.set(applied(state.keys, view.view_id, view.query), { replace: true });
    putColumns(view.columns);
    // the first answer decides; later ones are no opening
  }, [view]);
}
