import { useNavigate } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";
import { logout, useMe } from "../api/account";
import { watchStrangers } from "../api/client";
import { queryClient } from "../live/client";
import { feed } from "../live/feed";
import { Toast } from "../ui/toast";
import { placeBelow } from "./places";

/** What happens when the server no longer knows who asks, and how a session ends by hand. */

let stranger = false;
const listeners = new Set<() => void>();

function setStranger(value: boolean): void {
  if (stranger === value) return;
  stranger = value;
  for (const listener of listeners) listener();
}

watchStrangers(() => setStranger(true));

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** True once a request was refused because nobody is logged in. */
export const useStranger = (): boolean => useSyncExternalStore(subscribe, () => stranger);

/** Somebody logged in: everything on screen is asked for again. */
export function welcome(): void {
  setStranger(false);
  feed.restart();
  void queryClient.invalidateQueries();
}

/** On the first refusal the login page; later a dialog, so that nothing typed is lost. */
export function useGate(): "open" | "ask" {
  const refused = useStranger();
  const me = useMe();
  const navigate = useNavigate();
  const everKnown = me.data !== undefined && me.data !== null;
  useEffect(() => {
    if (!refused || everKnown || location.pathname.endsWith("/login")) return;
    const base = new URL(".", document.baseURI).pathname;
    void navigate({ to: "/login", search: { next: placeBelow(base, location) } as never, replace: true });
  }, [refused, everKnown, navigate]);
  return refused && everKnown ? "ask" : "open";
}

export function useLogout(): () => void {
  const navigate = useNavigate();
  return () => {
    void logout().then(
      () => {
        queryClient.clear();
        setStranger(false);
        void navigate({ to: "/login" });
      },
      (error: unknown) => Toast.failed(error),
    );
  };
}
