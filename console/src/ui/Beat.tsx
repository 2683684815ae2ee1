import { useI18n } from "../i18n/context";
import { conditionOf, runsOf } from "./conditions";

/** The last 30 minutes of an agent, a bar each; a hollow bar is a minute of silence, a dot one of which nobody knows. */
export function Beat({ strip }: { strip: string }) {
  const { t } = useI18n();
  const told = runsOf(strip)
    .map(({ condition, from, to }) => t("beat.run", { from, to, state: t(`condition.${condition}`) }))
    .join(t("list.and"));
  return (
    <svg className="beat" viewBox="0 0 120 14" role="img" aria-label={t("beat.label", { told })}>
      <title>{told}</title>
      {[...strip].map((letter, index) => {
        const condition = conditionOf(letter);
        const known = condition !== "unknown";
        return <rect key={index} className={condition} x={index * 4 + 0.5} y={known ? 0.5 : 6} width={known ? 2 : 3} height={known ? 13 : 2} rx={0.8} />;
      })}
    </svg>
  );
}
