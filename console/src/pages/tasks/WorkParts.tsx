import { Link } from "@tanstack/react-router";
import { useI18n } from "../../i18n/context";
import "../../styles/events.css";

const PARTS = [["/tasks", "work.part.tasks"], ["/dlq", "work.part.dlq"]] as const;

/** Single tasks, runs of flows, the flows themselves: one page each. */
export function WorkParts() {
  const { t } = useI18n();
  return (
    <nav className="parts" aria-label={t("work.parts")}>
      <span className="segments">
        {PARTS.map(([path, key]) => (
          <Link key={path} to={path} activeOptions={{ exact: true, includeSearch: false }} className="segment">
            {t(key)}
          </Link>
        ))}
      </span>
    </nav>
  );
}
