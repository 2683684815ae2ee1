import { useEffect, useState } from "react";

/** Something that was shown once stays until it is put away: in this tab, also over a reload. */
export function useStays(name: string, now: boolean): [stays: boolean, away: () => void] {
  const [kept, setKept] = useState(() => read(name));
  useEffect(() => {
    if (!now) return;
    write(name, true);
    setKept(true);
  }, [name, now]);
  const away = (): void => {
    write(name, false);
    setKept(false);
  };
  return [now || kept, away];
}

function read(name: string): boolean {
  try {
    return sessionStorage.getItem(name) !== null;
  } catch {
    return false; // storage switched off
  }
}

function write(name: string, on: boolean): void {
  try {
    if (on) sessionStorage.setItem(name, "1");
    else sessionStorage.removeItem(name);
  } catch {
    // storage switched off: it stays until the page is left
  }
}
