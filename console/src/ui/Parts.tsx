import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { inView } from "./inView";

interface Props {
  label: string;
  parts: readonly { to: string; name: string }[];
  preload?: "intent" | "render";
}

/** The way to the neighbours of a page: one page each, all visible. */
export function Parts({ label, parts, preload }: Props) {
  const row = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const isWhole = (to: string): boolean => parts.some((other) => other.to !== to && other.to.startsWith(to));
  useEffect(() => inView(row.current, "[aria-current='page']"), [path]);
  return (
    <nav ref={row} className="parts" aria-label={label}>
      <span className="segments">
        {parts.map(({ to, name }) => (
          <Link key={to} to={to} {...(preload && { preload })} activeOptions={{ exact: isWhole(to), includeSearch: false }} className="segment">
            {name}
          </Link>
        ))}
      </span>
    </nav>
  );
}
