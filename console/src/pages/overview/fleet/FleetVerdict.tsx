import { Link } from "@tanstack/react-router";
import type { FleetVerdict as Verdict } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { formatClock, formatDuration } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { PauseRollout } from "./PauseRollout";
import { changeText, findingText, LEVEL_TONE, targetOf } from "./words";

const CLASS = { ok: "ok", warn: "degraded", crit: "failing" } as const;

/** One sentence that follows from facts alone, the change that is likely behind it, and where to look. */
export function FleetVerdict({ verdict }: { verdict: Verdict }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { finding, level, suspects, todo } = verdict;
  const tone = LEVEL_TONE[level];
  const [suspect] = suspects;
  return (
    <section className={`card verdict ${CLASS[level]}`} aria-label={t("verdict.label")}>
      <Status tone={tone} size={level === "ok" ? 18 : 26} bare>
        {t(`level.${level}`)}
      </Status>
      <div>
        <p className="l1">
          {finding ? findingText(finding, i18n) : t("fleet.well")}
          {finding && finding.duration_s !== null && t("fleet.lasting", { time: formatDuration(finding.duration_s, t) })}
          {!finding && verdict.last_trouble_at && (
            <>
              {t("fleet.last")}
              <TimeText at={verdict.last_trouble_at} relative />
            </>
          )}
        </p>
        {finding && (
          <p className="l2">
            {suspect ? (
              <>
                {t("fleet.suspect")}
                <Link to={"/audit/$seq" as string} params={{ seq: suspect.change.id } as never} className="underlined">
                  {formatClock(suspect.change.at, serverNow())} {changeText(suspect.change, i18n)}
                </Link>
                {suspect.change.reason && t("fleet.suspect.reason", { reason: suspect.change.reason })}
                {suspect.before_s >= 0
                  ? t("fleet.suspect.before", { time: formatDuration(suspect.before_s, t) })
                  : t("fleet.suspect.after")}
              </>
            ) : (
              finding.since !== null && t("fleet.suspect.none")
            )}
            {todo.length > 1 && t("verdict.more", { count: todo.length - 1 })}
          </p>
        )}
      </div>
      {finding && (
        <span className="verdict-acts">
          <PauseRollout suspects={suspects} />
          {finding.links.map((link, index) => {
            const { to, search } = targetOf(link);
            return (
              <Link key={index} to={to} search={search as never} className={index === 0 ? "button primary" : "button"}>
                {t(`evidence.${link.page}`)}
              </Link>
            );
          })}
        </span>
      )}
    </section>
  );
}
