import { Link, type LinkProps } from "@tanstack/react-router";
import { useI18n } from "../i18n/context";
import "../styles/domain.css";

export interface Neighbour {
  key: string;
  label: string;
  /** How much there is. */
  count?: string;
  to: LinkProps["to"];
  params?: LinkProps["params"];
  search?: LinkProps["search"];
}

/** The pages where the same object goes on: its files, its configuration, its record. */
export function Related({ neighbours }: { neighbours: readonly Neighbour[] }) {
  const { t } = useI18n();
  return (
    <nav className="related" aria-label={t("related.label")}>
      {neighbours.map(({ key, label, count, ...link }) => (
        <Link key={key} {...(link as LinkProps)} className="chip">
          {label}
          {count !== undefined && <span className="dim">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
