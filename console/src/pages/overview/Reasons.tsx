import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { reasonText } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { rank, reasonTone } from "./judge";

/** Everything that keeps the state from being ok, in words. */
export function Reasons({ reasons }: { reasons: Overview["reasons"] }) {
  const { t, language } = useI18n();
  return (
    <Card title={t("reasons.title")} {...(reasons.length ? { sub: t("reasons.sub") } : {})}>
      {reasons.length ? (
        <ul className="reasons">
          {rank(reasons).map((reason, index) => (
            <li key={`${reason.code} ${index}`}>
              <Status tone={reasonTone(reason.code)} bare>
                {t(reasonTone(reason.code) === "crit" ? "health.failing" : "health.degraded")}
              </Status>
              <div>
                <p className="reason">{reasonText(language, reason)}</p>
                <p className="mono dim">{reason.code}</p>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={t("reasons.none")}>{t("reasons.none.sub")}</Empty>
      )}
    </Card>
  );
}
