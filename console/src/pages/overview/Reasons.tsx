import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { rawOf, reasonText } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { Status } from "../../ui/Status";
import { rank, reasonTone } from "./judge";

const WORDS = { crit: "reasons.crit", run: "reasons.run", warn: "reasons.warn" } as const;

/** Everything that keeps the state from being ok, in words. */
export function Reasons({ now }: { now: Overview }) {
  const { t, language } = useI18n();
  const reasons = rank(now);
  return (
    <Card title={t("reasons.title")} sub={t("reasons.sub")}>
      <ul className="reasons">
        {reasons.map((reason, index) => {
          const tone = reasonTone(reason.code, now.state);
          return (
            <li key={`${reason.code} ${index}`} title={`${reason.code}\n${reason.message}`}>
              <Status tone={tone} bare>
                {t(WORDS[tone === "crit" || tone === "run" ? tone : "warn"])}
              </Status>
              <div>
                <p className="reason">{reasonText(language, reason)}</p>
                {rawOf(reason) && <p className="mono dim why">{rawOf(reason)}</p>}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
