import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Look, useChanges, useFleetOverview, useVerdict } from "../../../api/fleet";
import { useHeat } from "../../../api/agents";
import { useRange, useScope } from "../../../app/useRange";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { Aged } from "../../../ui/Aged";
import { Card } from "../../../ui/Card";
import { ErrorBlock, Loading } from "../../../ui/StateBlock";
import { useStays } from "../../../ui/useStays";
import { DataPath } from "./DataPath";
import { FailureClasses } from "./FailureClasses";
import { FirstRun } from "./FirstRun";
import { FleetHeatCard } from "./FleetHeatCard";
import { FleetSignals } from "./FleetSignals";
import { FleetVerdict } from "./FleetVerdict";
import { left, useHidden, useSteps } from "./steps";
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
  const whole = !scope.env && !scope.group;
  const [hidden, hide] = useHidden();
  const steps = useSteps(now, whole && !(hidden && (now?.scope.agents ?? 0) > 0));
  const [stays] = useStays("gwf.guide.fleet", whole && steps !== undefined && left(steps) > 0 && !(hidden && steps.agents));
  const guided = stays && whole && steps !== undefined && !(hidden && steps.agents);
  const retry = (): void => [overview, verdict, changes, heat].forEach(({ error, refetch }) => void (error && refetch()));
  const age = (query: { data: unknown; dataUpdatedAt: number }) => (query.data ? { age: formatClock(query.dataUpdatedAt, Date.now()) } : {});
  if (overview.error && verdict.error && !now && !verdict.data) {
    return (
      <div className="card">
        <ErrorBlock error={overview.error} retry={retry} />
      </div>
    );
  }
  return (
    <div className="stack">
      {verdict.error && <Failed error={verdict.error} retry={retry} {...age(verdict)} />}
      {verdict.data ? (
        <Aged at={verdict.dataUpdatedAt} pace="detail" still={verdict.error !== null}>
          <FleetVerdict verdict={verdict.data} />
        </Aged>
      ) : (
        !verdict.error && <Skeleton rows={2} />
      )}
      {guided && <FirstRun steps={steps} hide={hide} />}
      {overview.error && <Failed error={overview.error} retry={retry} {...age(overview)} />}
      {now ? (
        <Aged at={overview.dataUpdatedAt} pace="detail" still={overview.error !== null}>
          <DataPath now={now} />
        </Aged>
      ) : (
        !overview.error && <Skeleton rows={4} />
      )}
      <div className="cols-side">
        {now ? (
          <FleetSignals now={now} changes={changes.data?.items ?? []} error={changes.error} retry={retry} table={table} setTable={setTable} onRange={range.set} />
        ) : (
          <Card title={t("fleet.signals")}>{!overview.error && <Loading rows={9} />}</Card>
        )}
        <Todo verdict={verdict.data} failed={verdict.error !== null} />
      </div>
      <div className="cols-2">
        <FleetHeatCard heat={heat.data} error={heat.error} retry={retry} onOpen={(id) => void navigate({ to: "/agents/$agentId", params: { agentId: id } })} />
        {now && <FailureClasses now={now} />}
      </div>
    </div>
  );
}

/** One part did not come; the others go on. */
function Failed(props: { error: Error; retry: () => void; age?: string }) {
  return (
    <div className="card">
      <ErrorBlock {...props} />
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
