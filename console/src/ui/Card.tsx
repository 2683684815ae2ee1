import type { ReactNode } from "react";

interface Props {
  title: string;
  sub?: ReactNode;
  tools?: ReactNode;
  busy?: boolean;
  className?: string;
  children: ReactNode;
}

/** A titled surface; a thin bar runs on it while old data is being renewed. */
export function Card({ title, sub, tools, busy = false, className = "", children }: Props) {
  return (
    <section className={`card ${className}`} aria-label={title} aria-busy={busy}>
      <header>
        <h2>{title}</h2>
        {sub !== undefined && <span className="sub">{sub}</span>}
        {tools !== undefined && <span className="tools">{tools}</span>}
      </header>
      {children}
    </section>
  );
}
