import { useMemo } from "react";
import type { Overview } from "../../api/client";
import { useOverview } from "../../api/queries";
import { formatClock } from "../../i18n/format";
import { Aged } from "../../ui/Aged";
import { Card } from "../../ui/Card";
import { ErrorBlock, Loading } from "../../ui/StateBlock";
import { useStays } from "../../ui/useStays";
import { useI18n } from "../../i18n/context";
import { DeadLetters } from "./DeadLetters";
import { Destinations } from "./Destinations";
import { Directories } from "./Directories";
import { Failures } from "./Failures";
import { Files } from "./files/Files";
import { Guide } from "./Guide";
import { hourOf } from "./hour";
import { isFirstRun } from "./judge";
import { Pipe } from "./Pipe";
import { Reasons } from "./Reasons";
import { Signals } from "./Signals";
import { Verdict } from "./Verdict";

/** The edge of this process: is anything wrong with it, how bad, what first; then the picture, then the files. */
export function EdgeOverview() {
  const { data, error, refetch, dataUpdatedAt } = useOverview();
  const failure = error && (
    <div className="card">
      <ErrorBlock
        error={error}
        retry={() => void refetch()}
        {...(data ? { age: formatClock(dataUpdatedAt, Date.now()) } : {})}
      />
    </div>
  );
  return (
    <div className="stack">
      {failure}
      {data ? (
        <Aged at={dataUpdatedAt} pace="detail" still={error !== null} className="stack">
          <Loaded now={data} old={error !== null} />
        </Aged>
      ) : (
        !error && <Skeletons />
      )}
      <Files />
    </div>
  );
}

function Loaded({ now, old }: { now: Overview; old: boolean }) {
  const hour = useMemo(() => hourOf(now), [now]);
  const [guided, away] = useStays("gwf.guide.host", isFirstRun(now));
  return (
    <div className={old ? "stack old" : "stack"}>
      <Verdict now={now} />
      {guided && <Guide now={now} away={away} />}
      <Pipe now={now} />
      {!isFirstRun(now) && (
        <div className={now.reasons.length ? "cols-side" : "stack"}>
          <Signals hour={hour} />
          {now.reasons.length > 0 && <Reasons now={now} />}
        </div>
      )}
      <div className="cols-3">
        <Directories watches={now.watches} />
        <Destinations stores={now.stores} />
        <Failures failures={now.failures} />
      </div>
      {now.queue.dead > 0 && <DeadLetters />}
    </div>
  );
}

function Skeletons() {
  const { t } = useI18n();
  return (
    <>
      <div className="card">
        <Loading rows={2} />
      </div>
      <div className="card">
        <Loading rows={4} />
      </div>
      <Card title={t("signals.title")}>
        <Loading rows={8} />
      </Card>
    </>
  );
}
