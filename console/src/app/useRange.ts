import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { serverNow } from "../live/now";
import { followsNow, type Preset, presetOf, type Range, resolve, usualOf } from "./range";

export interface TimeRange extends Range {
  /** The preset it is, null for any other range. */
  preset: Preset | null;
  /** It ends now and moves on. */
  moving: boolean;
  /** RFC 3339 instants of this moment, for a request. */
  instants: () => { since: string; until: string };
  set: (range: Range) => void;
}

/** The time range of the address, or the usual one of the page while it names none. */
export function useRange(): TimeRange {
  const usual = usualOf(useLocation({ select: ({ pathname }) => pathname }));
  const { from, to } = useSearch({ from: "__root__" });
  const navigate = useNavigate();
  const range: Range = from === undefined ? usual : { from, to: to ?? "now" };
  const set = useCallback(
    (next: Range) => void navigate({ to: ".", search: (old) => ({ ...old, ...next }), resetScroll: false }),
    [navigate],
  );
  return {
    ...range,
    preset: presetOf(range),
    moving: followsNow(range),
    instants: () => {
      const { fromMs, toMs } = resolve(range, serverNow());
      return { since: new Date(fromMs).toISOString(), until: new Date(toMs).toISOString() };
    },
    set,
  };
}

export interface Scope {
  env: string | undefined;
  group: string | undefined;
}

/** Environment and group of the address; undefined = all. */
export function useScope(): Scope {
  const { env, group } = useSearch({ from: "__root__" });
  return { env, group };
}
