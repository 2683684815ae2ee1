import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/account";
import { useI18n } from "../../i18n/context";
import "../../styles/events.css";

const PARTS = [["/tasks", "work.part.tasks", "tasks:read"], ["/runs", "work.part.runs", "flows:read"], ["/flows", "work.part.flows", "flows:read"], ["/dlq", "work.part.dlq", "tasks:read"]] as const;

/** Single tasks, runs of flows, the flows themselves, what failed for good: one page each. */
export function WorkParts() {
  const { t } = useI18n();
  const may = useMay();
  return (
    <nav className="parts" aria-label={t("work.parts")}>
      <span className="segments">
        {PARTS.filter(([, , needs]) => may(needs)).map(([path, key]) => (
          <Link key={path} to={path} preload="render" activeOptions={{ exact: true, includeSearch: false }} className="segment">
            {t(key)}
          </Link>
        ))}
      </span>
    </nav>
  );
}
