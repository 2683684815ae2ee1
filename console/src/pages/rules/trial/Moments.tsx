import type { Summary } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";

const WIDTH = 600;
const HEIGHT = 22;

/** When actions would be taken: one lane for the rules in force, one with the rule as it is written. */
export function Moments({ summary }: { summary: Summary }) {
  const { t } = useI18n();
  const from = Date.parse(summary.since);
  const span = Math.max(1, Date.parse(summary.until) - from);
  const lanes = (["before", "after"] as const).map((key) => ({
    key,
    sum: summary.moments.reduce((all, moment) => all + moment[key], 0),
    marks: summary.moments.filter((moment) => moment[key] > 0),
  }));
  if (lanes.every(({ sum }) => sum === 0)) return null;
  const most = Math.max(1, ...summary.moments.flatMap(({ before, after }) => [before, after]));
  return (
    <figure className="moments" aria-label={t("backtest.moments")}>
      <figcaption className="part-title">{t("backtest.moments")}</figcaption>
      {lanes.map(({ key, sum, marks }) => (
        <div key={key} className={`lane ${key}`}>
          <span className="lane-name">{t(`backtest.lane.${key}`)}</span>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("backtest.lane.label", { name: t(`backtest.lane.${key}`), count: sum })}>
            <path className="lane-line" d={`M0 ${HEIGHT - 1}H${WIDTH}`} vectorEffect="non-scaling-stroke" />
            {marks.map((moment) => {
              const height = 4 + (moment[key] / most) * (HEIGHT - 5);
              return <rect key={moment.at} x={((Date.parse(moment.at) - from) / span) * WIDTH} y={HEIGHT - height} width={3.5} height={height} />;
            })}
          </svg>
          <span className="lane-sum">{t("backtest.lane.sum", { count: sum })}</span>
        </div>
      ))}
      <div className="lane axis dim small" aria-hidden="true">
        <span />
        <span className="row spread">
          <span>{formatClock(summary.since, Date.now())}</span>
          <span>{formatClock(summary.until, Date.now())}</span>
        </span>
        <span />
      </div>
    </figure>
  );
}
