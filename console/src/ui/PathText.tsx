import { MidText } from "./MidText";

/** A name in one line; of a path that is too long, also behind a word of what is done with it, the end is kept, which tells one from the other. */
export function PathText({ text, className = "" }: { text: string; className?: string }) {
  if (text.includes("://")) return <MidText text={text} className={className} />;
  if (!/^(\S+ )?\//.test(text)) {
    return (
      <span className={`el ${className}`} title={text}>
        {text}
      </span>
    );
  }
  return (
    <span className={`el tail ${className}`} title={text}>
      <bdi>{text}</bdi>
    </span>
  );
}
