import { Link } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { createPortal } from "react-dom";

/** Where a page's title goes: the place in the header, null until it is there. */
export const HeadSlot = createContext<HTMLElement | null>(null);

export interface Crumb {
  label: string;
  to: string;
}

interface Props {
  title: string;
  /** Pages above this one, the nearest last. */
  crumbs?: readonly Crumb[];
  /** State of the object, counts: what stands beside the title. */
  children?: ReactNode;
}

/** Fills the header for a page: breadcrumb, title and the state of the object. Every page has exactly one. */
export function PageHead({ title, crumbs = [], children }: Props) {
  const slot = useContext(HeadSlot);
  useEffect(() => {
    document.title = `${title} · GWF`;
  }, [title]);
  if (!slot) return null;
  return createPortal(
    <>
      {crumbs.map(({ label, to }) => (
        <span key={to} className="crumb">
          <Link to={to}>{label}</Link>
          <span aria-hidden="true">/</span>
        </span>
      ))}
      <h1 className="el" title={title}>
        {title}
      </h1>
      {children}
    </>,
    slot,
  );
}
