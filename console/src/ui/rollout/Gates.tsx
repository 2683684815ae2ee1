import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { Glyph } from "../Status";
import type { Gate } from "./gates";

/** Every gate with its value against its limit. */
export function Gates({ gates }: { gates: readonly Gate[] }) {
  const { t } = useI18n();
  return (
    <ul className="gates" aria-label={t("gates.title")}>
      {gates.map((gate) => (
        <li key={gate.name} className={gate.tone} title={t(`gates.${gate.name}.help`)}>
          <Glyph tone={gate.tone} />
          <span>{t(`gates.${gate.name}`)}</span>
          <strong>
            <Amount gate={gate} value={gate.value} /> {signOf(gate)} <Amount gate={gate} value={gate.limit} />
          </strong>
          {gate.part && gate.part[1] > 0 && <span className="dim">{t("gates.part", { part: gate.part[0], all: gate.part[1] })}</span>}
          <span className="sr">{t(`gates.tone.${gate.tone}`)}</span>
        </li>
      ))}
    </ul>
  );
}

function Amount({ gate, value }: { gate: Gate; value: number | null }) {
  const { t } = useI18n();
  if (value === null) return t("none");
  return gate.unit === "seconds" ? formatDuration(Math.floor(value), t) : formatShare(value);
}

/** How value and limit stand to each other; as it should be while there is no value. */
function signOf({ value, limit, want }: Gate): string {
  if (value === null) return want;
  return want === "≤" ? (value > limit ? ">" : "≤") : value < limit ? "<" : "≥";
}

/** 1.28 %, 99 %: as many digits as matter for a limit. */
export const formatShare = (share: number): string => `${Number((share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1))}%`;
