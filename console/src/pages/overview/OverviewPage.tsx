import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMe } from "../../api/account";
import { useHeat } from "../../api/agents";
import { RequestError } from "../../api/client";
import { useHasFleet } from "../../api/fleet";
import { useOverview } from "../../api/queries";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { Segments } from "../../ui/Segments";
import { Status } from "../../ui/Status";
import { HEALTH_TONE } from "../../ui/tones";
import { EdgeOverview } from "./EdgeOverview";
import { FleetPage } from "./fleet/FleetPage";
import { type Part, partOf, PARTS } from "./part";

const NOTHING = {};

/** Is anything wrong, how bad, what first: of the fleet where there is one, of this host where there is an edge. */
export function OverviewPage() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { part: wanted } = useSearch({ from: "/" });
  const hasFleet = useHasFleet();
  const edge = useOverview();
  const agents = useHeat(NOTHING, 1, { enabled: hasFleet === true }).data?.agents;
  const { data: me } = useMe();
  const runs = me ? me.process.has_edge : true;
  const hasEdge = edge.data !== undefined || (runs && !(edge.error instanceof RequestError && [403, 404].includes(edge.error.status)));
  const part = partOf({ wanted, hasFleet, hasEdge, agents });
  const setPart = (next: Part): void => void navigate({ to: ".", search: (old) => ({ ...old, part: next }), resetScroll: false });
  return (
    <div className="stack">
      <PageHead title={t("nav.overview")}>
        {part === "host" && edge.data && <Status tone={HEALTH_TONE[edge.data.state]}>{t(`health.${edge.data.state}`)}</Status>}
        {part === "host" && edge.data && <span className="host mono dim el">{edge.data.hostname}</span>}
      </PageHead>
      {hasFleet === true && hasEdge && part !== null && (
        <div className="parts">
          <Segments label={t("fleet.part")} value={part} options={PARTS.map((value) => ({ value, label: t(`fleet.part.${value}`) }))} onChange={setPart} />
        </div>
      )}
      {part === "fleet" && <FleetPage />}
      {part === "host" && <EdgeOverview />}
    </div>
  );
}
