import { useEffect, useState } from "react";

/** Typing pauses this long before the server is asked. */
const TYPING_MS = 300;

/** What is being typed into a search, and how to set it; `send` is called when typing pauses. */
export function useTyped(value: string, send: (text: string) => void): [typed: string, type: (text: string) => void] {
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    // Back, or a chip, changed the address: what is typed follows
    setSent(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => {
      setSent(typed);
      send(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, sent, send]);
  return [typed, setTyped];
}
