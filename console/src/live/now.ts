import { useEffect, useState } from "react";

let offsetMs = 0;

/** Learn the server's clock from an answer: ages are told by its clock, not by this browser's. */
export function learnClock(asOf: string): void {
  offsetMs = Date.parse(asOf) - Date.now();
}

export const serverNow = (): number => Date.now() + offsetMs;

/** The server's time, renewed every `everyMs`. */
export function useServerNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Math.max(now, serverNow() - everyMs);
}
