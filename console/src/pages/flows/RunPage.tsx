import { useParams } from "@tanstack/react-router";
import { useMay } from "../../api/account";
import { useRun } from "../../api/flows";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { Forbidden } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { RunDetail } from "./run/RunDetail";
import { runTone, runWord } from "./words";
import "../../styles/tasks.css";

/** One run of a flow, as a page of its own. */
export function RunPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const may = useMay()("flows:read");
  const { runId } = useParams({ from: "/runs/$runId" });
  const run = useRun(runId).data;
  return (
    <div className="stack">
      <PageHead title={run ? run.target || run.name : runId} crumbs={[{ label: t("work.part.runs"), to: "/runs" }]} scoped={false}>
        {run && <Status tone={runTone(run)}>{runWord(run, i18n)}</Status>}
      </PageHead>
      {may ? <RunDetail runId={runId} /> : <section className="card"><Forbidden permission="flows:read" /></section>}
    </div>
  );
}
