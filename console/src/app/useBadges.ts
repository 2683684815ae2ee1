import { useMemo } from "react";
import { useMay, useMe } from "../api/account";
import { SEE, UNTAKEN, useAlertFacets } from "../api/alerts";
import { useHeat } from "../api/agents";
import { useLetterCount } from "../api/dlq";
import { useHasFleet, useVerdict } from "../api/fleet";
import { useOverview } from "../api/queries";
import { partOf } from "../pages/overview/part";
import { alertBadge, type Badges, badgesOf } from "./badges";
import { DEFAULT } from "./range";
import { useScope } from "./useRange";

const EVERYBODY = {};

/** Live counts for the navigation: of the fleet where there is one to see, otherwise of this host. */
export function useBadges(): Badges {
  const scope = useScope();
  const hasFleet = useHasFleet();
  const { data: me } = useMe();
  const agents = useHeat(EVERYBODY, 1, { enabled: hasFleet === true }).data?.agents;
  const hasEdge = me?.process.has_edge ?? true;
  const fleet = partOf({ wanted: undefined, hasFleet, hasEdge, agents }) === "fleet";
  const may = useMay();
  const approves = may("rollout:approve") && me !== null;
  // the same words as the overview's: both are answered by one request
  const look = useMemo(() => ({ ...scope, ...DEFAULT }), [scope.env, scope.group]);
  const verdict = useVerdict(look, fleet).data;
  const letters = useLetterCount((agents ?? 0) > 0 && may("tasks:read")).data ?? undefined;
  const alerts = useAlertFacets(UNTAKEN, me?.process.has_centre === true && may(SEE)).data;
  const { data: edge } = useOverview();
  const fired = alerts ? alertBadge(alerts.total ?? 0, alerts.facets?.severity ?? {}) : undefined;
  return useMemo(() => {
    const found = fired ? { alerts: fired } : {};
    if (fleet) return verdict ? { ...badgesOf(verdict, approves, letters), ...found } : found;
    if (!edge) return found;
    const badges: Badges = { ...found };
    if (edge.state !== "ok") badges.overview = { count: Math.max(1, edge.reasons.length), tone: edge.state === "failing" ? "crit" : "mute" };
    if (edge.queue.dead > 0) badges.files = { count: edge.queue.dead, tone: "mute" };
    if (letters) badges.dlq = { count: letters, tone: "mute" };
    return badges;
  }, [fleet, verdict, edge, approves, letters, fired?.count, fired?.tone]);
}
