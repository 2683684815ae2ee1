import { Copy } from "./Copy";

/** An id, a path or a value in one width, to be copied; its middle gives way, because both ends tell it apart. */
export function Mono({ text, what, most = 0 }: { text: string; what?: string; most?: number }) {
  return (
    <span className="mono-text">
      <span className="mono el" title={text}>
        {shortened(text, most)}
      </span>
      <Copy text={text} what={what ?? text} />
    </span>
  );
}

/** The text with its middle left out when it has more than `most` characters; 0 = never. */
export function shortened(text: string, most: number): string {
  if (most < 8 || text.length <= most) return text;
  const tail = Math.floor((most - 1) / 3);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(text.length - tail)}`;
}
