import { useEffect, useRef } from "react";
import { putPreferences, useMe } from "../api/account";
import { Toast } from "../ui/toast";
import { setPrefs, usePrefs } from "./prefs";
import { fromServer, toServer } from "./prefWords";

/** Choices follow a person from browser to browser: the server's are taken once, later changes are sent. */
export function useKeptPrefs(): void {
  const { data: me } = useMe();
  const prefs = usePrefs();
  const atStart = useRef(prefs);
  const known = useRef<{ who: string; text: string } | null>(null);
  useEffect(() => {
    if (!me?.preferences_kept) return;
    if (known.current?.who !== me.id) {
      const kept = fromServer(me.preferences);
      known.current = { who: me.id, text: JSON.stringify(toServer(kept)) };
      if (prefs === atStart.current) {
        setPrefs(kept);
        return;
      } // else the reader chose before the answer came: their choice counts
    }
    const wish = toServer(prefs);
    const text = JSON.stringify(wish);
    if (text === known.current.text) return;
    known.current.text = text;
    putPreferences(wish).catch(Toast.failed);
  }, [me, prefs]);
}
