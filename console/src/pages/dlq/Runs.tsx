import { type LetterRun, stopRun, useRenewLetters, useRuns } from "../../api/dlq";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { Status } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { isMoving, RUN_PARTS, RUN_TONE, takenLater } from "./words";

/** The newest runs, and where their letters are now. */
export function Runs({ state }: { state: ListState }) {
  const { t } = useI18n();
  const runs = useRuns().data ?? [];
  if (runs.length === 0) return null;
  return (
    <Card title={t("dlq.runs")}>
      <ul className="dlq-runs">
        {runs.map((run) => (
          <One key={run.run_id} run={run} state={state} />
        ))}
      </ul>
    </Card>
  );
}

function One({ run, state }: { run: LetterRun; state: ListState }) {
  const { t, language } = useI18n();
  const renew = useRenewLetters();
  const why = useMayWhy()("tasks:run");
  const later = takenLater(run);
  const parts = RUN_PARTS.filter((part) => run[part] > 0);
  const over = run.total - run.queued;
  const word = run.ended_at === null ? "going" : run.stopped ? "stopped" : "ended";
  const stop = async (): Promise<void> => {
    await stopRun(run.run_id);
    renew();
  };
  return (
    <li>
      <span className="dlq-run-name">
        <Status tone={isMoving(run) ? "run" : run.failed_again + run.refused > 0 ? "warn" : later > 0 ? "mute" : "ok"}>{t(`dlq.run.${word}`)}</Status>
        <strong>{t(`dlq.run.${run.act}`, { count: run.total })}</strong>
        <span className="dim">{t("dlq.run.by", { who: wordOf(language, "who", run.by) })}</span>
        <span className="dim"><TimeText at={run.created_at} relative /></span>
        {run.reason && <span className="dim el" title={run.reason}>{run.reason}</span>}
      </span>
      <progress max={Math.max(1, run.total)} value={over} aria-label={t("dlq.run.progress")} />
      <span className="dlq-run-parts">
        {later > 0 && <Status tone="mute">{t("dlq.run.later", { count: later })}</Status>}
        {parts.map((part) => (
          <Status key={part} tone={RUN_TONE[part]}>{t(`dlq.run.${part}`, { count: run[part] })}</Status>
        ))}
      </span>
      <span className="row">
        {run.ended_at === null && (
          <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => void stop()}>
            {t("dlq.run.stop")}
          </button>
        )}
        <button type="button" className="button ghost small" onClick={() => state.set({ run: [run.run_id], cause: undefined, state: undefined, sel: undefined })}>
          {t("dlq.run.show")}
        </button>
      </span>
    </li>
  );
}
