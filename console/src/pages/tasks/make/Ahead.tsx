import type { components } from "../../../api/schema";
import { useI18n } from "../../../i18n/context";
import { faultLine } from "../../../i18n/faults";
import type { FormFault } from "../../../ui/form/SchemaForm";
import { ErrorBlock, Loading } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";

interface Props {
  outcome: components["schemas"]["TaskOutcome"] | undefined;
  faults: readonly FormFault[];
  /** Nothing was filled in yet: nothing is wrong either. */
  untouched: boolean;
  /** The answer is about what stands in the form now. */
  judged: boolean;
  failure: Error | null;
  again: () => void;
  make: () => void;
}

/** What the server says of the task before it is made, beside the form. */
export function Ahead({ outcome, faults, untouched, judged, failure, again, make }: Props) {
  const { t, language } = useI18n();
  const ready = judged && outcome !== undefined && faults.length === 0 && failure === null;
  return (
    <section className="card task-ahead" aria-label={t("task.make.ahead")} aria-busy={!judged}>
      <header><h2>{t("task.make.ahead")}</h2></header>
      <div className="pad stack" role="status">
        {failure && <ErrorBlock error={failure} retry={again} />}
        {untouched && !failure && <p className="dim">{t("task.make.begin")}</p>}
        {!untouched && faults.length > 0 && (
          <>
            <Status tone="crit">{t("task.make.faults", { count: faults.length })}</Status>
            <ul className="fault-list">
              {faults.map((fault) => <li key={`${fault.pointer} ${fault.message}`}><code>{fault.pointer}</code> {faultLine(language, fault)}</li>)}
            </ul>
          </>
        )}
        {!untouched && faults.length === 0 && !failure && outcome === undefined && <Loading rows={3} />}
        {!untouched && faults.length === 0 && outcome && (
          <>
            <Status tone="ok">{t("task.make.good")}</Status>
            <dl className="facts">
              <div><dt>{t("task.fact.does")}</dt><dd className="mono">{outcome.task.description}</dd></div>
              <div><dt>{t("task.target")}</dt><dd>{outcome.task.target}</dd></div>
              <div><dt>{t("task.executor")}</dt><dd>{outcome.task.for_agent_id ?? t(`task.executor.${outcome.task.executor}`)}</dd></div>
              <div><dt>{t("task.next")}</dt><dd>{outcome.task.next_run_at === null ? t("task.make.atonce") : <TimeText at={outcome.task.next_run_at} />}</dd></div>
              {outcome.task.deadline_at !== null && <div><dt>{t("task.fact.deadline")}</dt><dd><TimeText at={outcome.task.deadline_at} /></dd></div>}
            </dl>
          </>
        )}
        <p>
          <button type="button" className="button primary" disabled={!ready} onClick={make}>{t("task.make.go")}</button>
        </p>
      </div>
    </section>
  );
}
