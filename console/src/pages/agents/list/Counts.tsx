import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { CONDITION_TONE, CONDITIONS, type Condition } from "../../../ui/conditions";
import { Status } from "../../../ui/Status";

interface Props {
  counts: Partial<Record<Condition, number>>;
  /** Those that are well are counted too. */
  whole?: boolean;
  /** Numbers without words, where the words stand in a legend beside. */
  short?: boolean;
}

/** How many agents are how, worst first; conditions that nobody is in are left out. */
export function Counts({ counts, whole = false, short = false }: Props) {
  const { t, language } = useI18n();
  return (
    <span className="counts">
      {CONDITIONS.filter((one) => (counts[one] ?? 0) > 0 && (whole || one !== "online")).map((one) => (
        <Status key={one} tone={CONDITION_TONE[one]}>
          {short ? <span className="sr">{t(`condition.${one}`)}</span> : t(`condition.${one}`)}
          <span>{formatCount(counts[one] ?? 0, language)}</span>
        </Status>
      ))}
    </span>
  );
}
