import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Look, useChanges, useFleetOverview, useVerdict } from "../../../api/fleet";
import { useHeat } from "../../../api/agents";
import { useRange, useScope } from "../../../app/useRange";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { ErrorBlock, Loading } from "../../../ui/StateBlock";
import { DataPath } from "./DataPath";
import { FailureClasses } from "./FailureClasses";
import { FirstRun } from "./FirstRun";
import { FleetHeatCard } from "./FleetHeatCard";
import { FleetSignals } from "./FleetSignals";
import { FleetVerdict } from "./FleetVerdict";
import { Todo } from "./Todo";
import "../../../styles/domain.css";

/** Cells of one group: the worst of them when there are more. */
const CELLS = 240;

/** The fleet at one look: the answer, the way of the files, signals and changes, what to do, who is how. */
export function FleetPage() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const range = useRange();
  const scope = useScope();
  const look: Look = useMemo(() => ({ ...scope, from: range.from, to: range.to }), [scope.env, scope.group, range.from, range.to]);
  const overview = useFleetOverview(look, true);
  const verdict = useVerdict(look, true);
  const changes = useChanges(look, true);
  const filter = useMemo(
    () => ({ ...(scope.env ? { selector: `env=${scope.env}` } : {}), ...(scope.group ? { group: [scope.group] } : {}) }),
    [scope.env, scope.group],
  );
  const heat = useHeat(filter, CELLS);
  const [table, setTable] = useState(false);
  const now = overview.data;
  const first = now !== undefined && now.scope.agents === 0 && !scope.env && !scope.group;
  const failures = [overview, verdict, changes].filter(({ error }) => error !== null);
  return (
    <div className="stack">
      {failures.map(({ error, refetch, data, dataUpdatedAt }, index) => (
        <div key={index} className="card">
          <ErrorBlock error={error} retry={() => void refetch()} {...(data ? { age: formatClock(dataUpdatedAt, Date.now()) } : {})} />
        </div>
      ))}
      {verdict.data ? <FleetVerdict verdict={verdict.data} /> : !verdict.error && <Skeleton rows={2} />}
      {first && <FirstRun overview={now} />}
      {now ? <DataPath now={now} /> : !overview.error && <Skeleton rows={4} />}
      <div className="cols-side">
        {now ? (
          <FleetSignals now={now} changes={changes.data?.items ?? []} table={table} setTable={setTable} onRange={range.set} />
        ) : (
          <Card title={t("fleet.signals")}>{!overview.error && <Loading rows={9} />}</Card>
        )}
        <Todo verdict={verdict.data} />
      </div>
      <div className="cols-2">
        <FleetHeatCard heat={heat.data} onOpen={(id) => void navigate({ to: "/agents/$agentId", params: { agentId: id } })} />
        {now && <FailureClasses now={now} />}
      </div>
    </div>
  );
}

function Skeleton({ rows }: { rows: number }) {
  return (
    <div className="card">
      <Loading rows={rows} />
    </div>
  );
}
