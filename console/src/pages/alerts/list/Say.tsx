import { type AlertWish, UNTAKEN, useAlertCount, useAlertFacets } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { Status, type Tone } from "../../../ui/Status";

const TAKEN: AlertWish = { status: ["acknowledged"], held: false };
const HELD: AlertWish = { status: ["firing", "acknowledged"], held: true };

/** The answer first: how many nobody has taken, how bad they are, and what else is open. */
export function Say() {
  const { t } = useI18n();
  const firing = useAlertFacets(UNTAKEN);
  const taken = useAlertCount(TAKEN).data ?? 0;
  const held = useAlertCount(HELD).data ?? 0;
  return (
    <QueryState query={firing} rows={1} pace="list">
      {(data) => {
        const count = data.total ?? 0;
        const bad = (data.facets?.severity["critical"] ?? 0) + (data.facets?.severity["error"] ?? 0);
        const tone: Tone = count === 0 ? "ok" : bad > 0 ? "crit" : "warn";
        return (
          <section className={`card alerts-say ${tone}`} aria-label={t("alerts.title")}>
            <Status tone={tone} size={count === 0 ? 16 : 20} bare>{t(count === 0 ? "alerts.say.none" : "alerts.status.firing")}</Status>
            <p>
              <strong>{count === 0 ? t("alerts.say.none") : bad > 0 ? t("alerts.say.bad", { count, bad }) : t("alerts.say.firing", { count })}</strong>
              {taken > 0 && <span className="dim">{t("alerts.say.taken", { count: taken })}</span>}
              {held > 0 && <span className="dim">{t("alerts.say.held", { count: held })}</span>}
            </p>
          </section>
        );
      }}
    </QueryState>
  );
}
