import { useLocation, useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { FRAME_KEYS, stringifySearch } from "../../app/search";

export interface Addresses {
  /** Of another page: scope, time range and language go with it. */
  page: (path: string) => string;
  /** Of the row's drawer on this page. */
  drawer: (key: string) => string;
}

/** The addresses that rows lead to, made without asking the router for each of them. */
export function useAddresses(): Addresses {
  const { basepath } = useRouter();
  const { pathname, search } = useLocation();
  return useMemo(() => {
    const base = basepath === "/" ? "" : basepath;
    const known = search as Record<string, unknown>;
    const kept = stringifySearch(Object.fromEntries(FRAME_KEYS.map((key) => [key, known[key]])));
    const here = stringifySearch({ ...known, sel: undefined });
    return {
      page: (path) => `${base}${path}${kept}`,
      drawer: (key) => `${base}${pathname}${here}${here ? "&" : "?"}sel=${encodeURIComponent(key)}`,
    };
  }, [basepath, pathname, search]);
}
