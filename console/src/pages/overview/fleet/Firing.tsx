import { Link } from "@tanstack/react-router";
import { useMay, useMe } from "../../../api/account";
import { SEE, UNTAKEN, useAlertFacets } from "../../../api/alerts";
import { alertBadge, type Badge } from "../../../app/badges";
import { useI18n } from "../../../i18n/context";
import { Status } from "../../../ui/Status";

interface Fired {
  count: number;
  badge: Badge;
}

/** Alerts that nobody has taken; null while there are none, or nobody may know. */
export function useFiring(): Fired | null {
  const { data: me } = useMe();
  const may = useMay()(SEE);
  const found = useAlertFacets(UNTAKEN, me?.process.has_centre === true && may).data;
  const badge = found && alertBadge(found.total ?? 0, found.facets?.severity ?? {});
  return found && badge ? { count: found.total ?? 0, badge } : null;
}

/** One line that leads to them; nothing is shown while there are none. */
export function Firing() {
  const { t } = useI18n();
  const fired = useFiring();
  if (!fired) return null;
  const { count, badge } = fired;
  const bad = badge.tone === "crit";
  return (
    <section className={`card firing ${bad ? "crit" : "warn"}`} aria-label={t("nav.alerts")}>
      <Status tone={bad ? "crit" : "warn"}>{bad ? t("alerts.say.bad", { count, bad: badge.count }) : t("alerts.say.firing", { count })}</Status>
      <Link to="/alerts" className="button small">{t("alerts.to")}</Link>
    </section>
  );
}
