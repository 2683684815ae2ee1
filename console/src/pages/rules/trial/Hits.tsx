import type { Summary } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { formatClock, formatCount } from "../../../i18n/format";

const WIDTH = 600;
const HEIGHT = 84;
const STRETCHES = 120; // as many as the server cuts the time into
const PARTS = ["kept", "gained", "lost"] as const;

/** Events over the time: those that stay matched, those that come, and those that go. */
export function Hits({ summary }: { summary: Summary }) {
  const { t, language } = useI18n();
  const from = Date.parse(summary.since);
  const until = Date.parse(summary.until);
  const span = Math.max(1, until - from);
  const sums = summary.moments.map((moment) => PARTS.reduce((all, part) => all + moment[part], 0));
  const most = Math.max(...sums, 0);
  if (!most) return null;
  const width = WIDTH / STRETCHES;
  return (
    <figure className="hits" aria-label={t("backtest.hits")}>
      <figcaption className="row wrap">
        <strong className="part-title">{t("backtest.hits")}</strong>
        {PARTS.map((part) => (
          <span key={part} className="legend small">
            <i className={`swatch ${part}`} aria-hidden="true" />
            {t(`backtest.change.${part}`)} <span className="num">{formatCount(summary[part], language)}</span>
          </span>
        ))}
      </figcaption>
      <div className="hits-plot">
        <span className="hits-scale dim small num" aria-hidden="true">
          <span>{formatCount(most, language)}</span>
          <span>0</span>
        </span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t("backtest.hits.label", { kept: summary.kept, gained: summary.gained, lost: summary.lost })}>
          <path className="lane-line" d={`M0 ${HEIGHT - 0.5}H${WIDTH}M0 0.5H${WIDTH}`} vectorEffect="non-scaling-stroke" />
          {summary.moments.map((moment) => {
            const x = ((Date.parse(moment.at) - from) / span) * WIDTH;
            let y = HEIGHT;
            return PARTS.map((part) => {
              const height = (moment[part] / most) * HEIGHT;
              y -= height;
              return height ? <rect key={`${moment.at} ${part}`} className={part} x={x} y={y} width={width * 0.8} height={height} /> : null;
            });
          })}
        </svg>
        <span />
        <span className="row spread dim small" aria-hidden="true">
          {[from, from + span / 2, until].map((at) => (
            <span key={at}>{formatClock(new Date(at).toISOString(), Date.now())}</span>
          ))}
        </span>
      </div>
    </figure>
  );
}
