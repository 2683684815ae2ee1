import { useI18n } from "../i18n/context";
import { barsOf, runsOf } from "./conditions";

/** The last 30 minutes of an agent, a bar each; a hollow bar is a minute of silence, a dot one of which nobody knows. */
export function Beat({ strip }: { strip: string }) {
  const { t } = useI18n();
  const told = runsOf(strip)
    .map(({ condition, from, to }) => t("beat.run", { from, to, state: t(`condition.${condition}`) }))
    .join(t("list.and"));
  return (
    <svg className="beat" viewBox="0 0 120 14" role="img" aria-label={t("beat.label", { told })}>
      <title>{told}</title>
      {barsOf(strip).map(([condition, path]) => (
        <path key={condition} className={condition} d={path} />
      ))}
    </svg>
  );
}
