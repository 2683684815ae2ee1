import { type FlowDetail, useStepTimes } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { QueryState } from "../../../ui/QueryState";
import "../../../styles/plain.css";

/** How long each step takes: the middle and the slow end, and which one keeps runs waiting. */
export function StepTimes({ flow, chosen, choose }: { flow: FlowDetail; chosen: string | undefined; choose: (step: string) => void }) {
  const { t } = useI18n();
  const query = useStepTimes(flow.flow_id);
  const titles = new Map(flow.steps.map(({ id, title }) => [id, title || id]));
  return (
    <section className="pad step-times" aria-label={t("flow.times")}>
      <h3>{t("flow.times")}</h3>
      <QueryState query={query} rows={3} pace="report">
        {({ items, most_runs: most }) => {
          const longest = Math.max(0, ...items.map(({ p95_ms: slow }) => slow ?? 0));
          if (items.every(({ good, bad }) => good + bad === 0)) return <p className="dim">{t("flow.times.none")}</p>;
          return (
            <>
              <div className="scroll-x">
                <table className="plain-table" aria-label={t("flow.times")}>
                  <thead>
                    <tr>
                      <th>{t("flow.times.step")}</th>
                      <th className="num">{t("flow.times.good")}</th>
                      <th className="num">{t("flow.times.bad")}</th>
                      <th className="num">p50</th>
                      <th className="num">p95</th>
                      <th className="step-bar"><span className="sr">{t("flow.times.share")}</span></th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map(({ step, good, bad, p50_ms: middle, p95_ms: slow }) => (
                      <tr key={step} aria-current={step === chosen ? "true" : undefined}>
                        <td><button type="button" className="link" onClick={() => choose(step)}>{titles.get(step) ?? step}</button></td>
                        <td className="num">{good}</td>
                        <td className={bad ? "num crit-text" : "num"}>{bad}</td>
                        <td className="num">{middle === null ? t("none") : formatDuration(middle / 1000, t)}</td>
                        <td className="num">{slow === null ? t("none") : formatDuration(slow / 1000, t)}</td>
                        <td className="step-bar" aria-hidden="true">{slow !== null && longest > 0 && <span style={{ inlineSize: `${(slow / longest) * 100}%` }} />}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <p className="dim small">{t("flow.times.say", { count: most })}</p>
            </>
          );
        }}
      </QueryState>
    </section>
  );
}
