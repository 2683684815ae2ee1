/** Letters at the end that are always shown. */
const TAIL = 9;

/** A name in one line; one that is too long is cut in the middle, because names of a family differ at their ends. */
export function MidText({ text, className = "" }: { text: string; className?: string }) {
  const cut = Math.max(0, text.length - TAIL);
  return (
    <span className={`mid ${className}`} title={text}>
      <span className="el">{text.slice(0, cut)}</span>
      <span>{text.slice(cut)}</span>
    </span>
  );
}
