import { Link } from "@tanstack/react-router";
import { type After, type Entry, useAftermath } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { QueryState } from "../../ui/QueryState";
import { formatShare } from "../../ui/rollout/Gates";
import { Glyph, type Tone } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { typeText } from "../events/say";

const WARNINGS: ReadonlySet<string> = new Set(["gwf.agent.degraded", "gwf.agent.high_water", "gwf.agent.disk_low", "gwf.rollout.paused"]);

/** What went wrong in the half hour after a change, at the agents it reached; that it came after does not say that it came of it. */
export function Aftermath({ entry }: { entry: Entry }) {
  const { t } = useI18n();
  const query = useAftermath(entry.seq);
  const span = formatDuration(query.data?.compared_s ?? 0, t);
  const title = !query.data ? t("audit.aftermath.since") : t(query.data.is_over ? "audit.aftermath" : "audit.aftermath.yet", { span });
  return (
    <section className="aftermath" aria-label={title}>
      <h3>{title}</h3>
      <QueryState query={query} rows={2}>
        {(after) => <Told entry={entry} after={after} />}
      </QueryState>
    </section>
  );
}

function Told({ entry, after }: { entry: Entry; after: After }) {
  const { t, language } = useI18n();
  const ratio = (value: number | null): string => (value === null ? t("none") : formatShare(value));
  return (
    <>
      {(after.before.success_ratio !== null || after.after.success_ratio !== null) && (
        <p className="dim">{t("audit.aftermath.ratio", { before: ratio(after.before.success_ratio), after: ratio(after.after.success_ratio), span: formatDuration(after.compared_s, t) })}</p>
      )}
      {after.troubles.length === 0 && <p className="dim">{t(after.is_over ? "audit.aftermath.none" : "audit.aftermath.none.yet")}</p>}
      <ul>
        {after.troubles.map((trouble) => {
          const tone: Tone = WARNINGS.has(trouble.type) ? "warn" : "crit";
          const kind = trouble.type.replace(/^gwf\./, "");
          const word = typeText(trouble.type, { language });
          return (
            <li key={trouble.row_id}>
              <span className={`status ${tone}`}>
                <Glyph tone={tone} />
              </span>
              <TimeText at={trouble.at} />
              <span>{trouble.cause ? t("event.of", { what: word, name: wordOf(language, "gatecause", trouble.cause) }) : word}</span>
              {kind.startsWith("rollout.") && trouble.subject ? (
                <Link to="/rollouts/$rollout" params={{ rollout: trouble.subject }}>
                  {t("audit.effect.rollout")}
                </Link>
              ) : (
                trouble.agent_id && (
                  <Link to={`/agents/${trouble.agent_id}` as never} className="mono">
                    {trouble.hostname || trouble.agent_id}
                  </Link>
                )
              )}
              {trouble.subject === entry.resource.id && <span className="related">{t("audit.aftermath.same")}</span>}
            </li>
          );
        })}
      </ul>
      {after.more_troubles && <p className="dim small">{t("audit.aftermath.more")}</p>}
    </>
  );
}
