import type { DryRun } from "../../../api/alertdocs";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";

const WIDTH = 600;
const HEIGHT = 22;

/** When alerts would have fired, as stretches, and when people would have been told, as marks. */
export function Lanes({ run }: { run: DryRun }) {
  const { t } = useI18n();
  const [from, until] = [Date.parse(run.since), Date.parse(run.until)];
  const x = (at: string | number): number => ((Number(typeof at === "string" ? Date.parse(at) : at) - from) / Math.max(1, until - from)) * WIDTH;
  return (
    <figure className="moments" aria-label={t("alertrule.run.lanes")}>
      <figcaption className="part-title">{t("alertrule.run.lanes")}</figcaption>
      <div className="lane after">
        <span className="lane-name">{t("alertrule.run.alerts")}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("alertrule.run.alerts.label", { count: run.alerts })}>
          <path className="lane-line" d={`M0 ${HEIGHT - 1}H${WIDTH}`} vectorEffect="non-scaling-stroke" />
          {run.items.map((alert, at) => {
            const begin = x(alert.opened_at);
            return <rect key={at} className="dry-stretch" x={begin} y={6} width={Math.max(2, x(alert.ended_at ?? until) - begin)} height={HEIGHT - 8} />;
          })}
        </svg>
        <span className="lane-sum">{run.alerts}</span>
      </div>
      <div className="lane after">
        <span className="lane-name">{t("alertrule.run.notices")}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("alertrule.run.notices.label", { count: run.notices })}>
          <path className="lane-line" d={`M0 ${HEIGHT - 1}H${WIDTH}`} vectorEffect="non-scaling-stroke" />
          {run.notices_at.map((at, index) => <rect key={index} className="dry-mark" x={x(at)} y={4} width={2.5} height={HEIGHT - 5} />)}
        </svg>
        <span className="lane-sum">{run.notices}</span>
      </div>
      <div className="lane axis dim small" aria-hidden="true">
        <span />
        <span className="row spread">
          <span>{formatClock(run.since, Date.now())}</span>
          <span>{formatClock(run.until, Date.now())}</span>
        </span>
        <span />
      </div>
    </figure>
  );
}
