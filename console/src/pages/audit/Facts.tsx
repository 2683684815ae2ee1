import { Link } from "@tanstack/react-router";
import type { Entry } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { formatFull } from "../../i18n/format";
import { Copy } from "../../ui/Copy";
import { actorWord, whatOf } from "./sentence";

/** When, from where, why, on what, with which effect. */
export function Facts({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const [local = "", utc = ""] = formatFull(entry.at).split("\n");
  const facts = entry.resource.facts ?? {};
  return (
    <dl className="facts entry-facts">
      <dt>{t("audit.fact.time")}</dt>
      <dd>
        {local} <span className="dim">{t("audit.fact.utc", { time: utc.slice(11, 23) })}</span>
      </dd>
      <dt>{t("audit.fact.source")}</dt>
      <dd>
        {actorWord(entry.actor, language)}
        {entry.actor.address && ` · ${entry.actor.address}`}
        {entry.request_id && (
          <span className="row">
            <span className="mono dim">{t("audit.fact.request", { id: entry.request_id })}</span>
            <Copy text={entry.request_id} what={entry.request_id} />
          </span>
        )}
      </dd>
      <dt>{t("audit.fact.reason")}</dt>
      <dd>{entry.reason || <span className="dim">{t("audit.fact.noreason")}</span>}</dd>
      <dt>{t("audit.fact.object")}</dt>
      <dd>
        {whatOf(entry, { t, language })} <Target entry={entry} facts={facts} />
      </dd>
      <dt>{t("audit.fact.hash")}</dt>
      <dd className="row">
        {t("audit.fact.number", { seq: entry.seq })} · <span className="mono el">{entry.hash.slice(0, 16)}</span>
        <Copy text={`${entry.seq}:${entry.hash}`} what={t("audit.fact.hash")} />
      </dd>
    </dl>
  );
}

/** The page of what was acted upon. */
function Target({ entry: { resource }, facts }: { entry: Entry; facts: Record<string, string> }) {
  const { t } = useI18n();
  if (resource.kind === "rollout") {
    return (
      <Link to="/rollouts/$rollout" params={{ rollout: resource.id }}>
        {t("audit.effect.rollout")}
      </Link>
    );
  }
  if (resource.kind === "config_version" && facts["layer_id"] && facts["number"]) {
    return (
      <Link to="/configs/$layer/v/$number" params={{ layer: facts["layer_id"], number: facts["number"] }}>
        {t("audit.effect.version")}
      </Link>
    );
  }
  if (resource.kind === "rule") return <Link to={`/rules/${resource.id}` as never}>{t("audit.effect.rule")}</Link>;
  return resource.kind === "agent" ? <Link to={`/agents/${resource.id}` as never}>{t("audit.effect.agent")}</Link> : null;
}
