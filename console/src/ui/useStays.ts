import { useEffect, useState } from "react";
import { keep, kept } from "../app/kept";

/** Something that was shown once stays until it is put away: in this tab, also over a reload. */
export function useStays(name: string, now: boolean): [stays: boolean, away: () => void] {
  const [stays, setStays] = useState(() => kept(name, "tab") !== undefined);
  useEffect(() => {
    if (!now) return;
    keep(name, 1, "tab");
    setStays(true);
  }, [name, now]);
  const away = (): void => {
    keep(name, undefined, "tab");
    setStays(false);
  };
  return [now || stays, away];
}
