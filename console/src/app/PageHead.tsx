import { Link } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";

/** Where a page's title goes: the place in the header, null until it is there. */
export const HeadSlot = createContext<HTMLElement | null>(null);

let everywhere = 0;
const listeners = new Set<() => void>();

function count(by: 1 | -1): void {
  everywhere += by;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Whether scope and time range concern the page on screen. */
export const useScoped = (): boolean => useSyncExternalStore(subscribe, () => everywhere === 0);

export interface Crumb {
  label: string;
  to: string;
}

interface Props {
  title: string;
  /** Pages above this one, the nearest last. */
  crumbs?: readonly Crumb[];
  /** false = the page is about no part of the fleet and no time: their choices are not shown. */
  scoped?: boolean;
  /** State of the object, counts: what stands beside the title. */
  children?: ReactNode;
}

/** Fills the header for a page: breadcrumb, title and the state of the object. Every page has exactly one. */
export function PageHead({ title, crumbs = [], scoped = true, children }: Props) {
  const slot = useContext(HeadSlot);
  useEffect(() => {
    document.title = `${title} · GWF`;
  }, [title]);
  useEffect(() => {
    if (scoped) return;
    count(1);
    return () => count(-1);
  }, [scoped]);
  if (!slot) return null;
  return createPortal(
    <>
      {crumbs.map(({ label, to }) => (
        <span key={to} className="crumb">
          <Link to={to}>{label}</Link>
          <span aria-hidden="true">/</span>
        </span>
      ))}
      <h1 className={title.startsWith("/") ? "el tail" : "el"} title={title}>
        <bdi>{title}</bdi>
      </h1>
      {children}
    </>,
    slot,
  );
}
