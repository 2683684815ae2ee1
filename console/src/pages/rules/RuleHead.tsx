import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Rule, useRule } from "../../api/rules";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Mono } from "../../ui/Mono";
import { Spark } from "../../ui/Spark";
import { Status } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { DiscardDialog, PublishDialog, SwitchDialog } from "./Acts";
import { STATE_TONE, stateOf } from "./words";

type Act = "publish" | "discard" | "enable" | "observe" | "disable" | "retire";

/** The answer first: does it work, how often did it match, and what can be done. */
export function RuleHead({ rule }: { rule: Rule }) {
  const { t, language } = useI18n();
  const why = useMayWhy();
  const [act, setAct] = useState<Act>();
  const close = (): void => setAct(undefined);
  const writing = why("rules:write");
  const publishing = why("rules:publish");
  const button = (name: Act, blocked: string | undefined, look = "button") => (
    <button type="button" className={look} disabled={blocked !== undefined} title={blocked} onClick={() => setAct(name)}>
      {name === "publish" ? t("rule.act.publish", { number: rule.draft_version ?? 0 }) : t(`rule.act.${name}`)}
    </button>
  );
  const inForce = rule.published_version !== null;
  return (
    <section className="card rule-head" aria-label={rule.name}>
      <dl className="rule-facts">
        <div>
          <dt>{t("rules.col.state")}</dt>
          <dd>
            <Status tone={STATE_TONE[stateOf(rule)]}>{t(`rules.state.${stateOf(rule)}`)}</Status>{" "}
            {inForce && <span className="version-tag">{t("version.name", { number: rule.published_version ?? 0 })}</span>}
            {rule.draft_version !== null && <span className="tag run">{t("rule.draft", { number: rule.draft_version })}</span>}
          </dd>
        </div>
        <div>
          <dt>{t("rules.col.priority")}</dt>
          <dd>{rule.priority}</dd>
        </div>
        <div>
          <dt>{t("rules.col.stop")}</dt>
          <dd>{t(`rules.on_match.${rule.on_match}`)}</dd>
        </div>
        <div>
          <dt>{t("rules.col.hits")}</dt>
          <dd className="rule-hits">
            <strong className="num">{formatCount(rule.hits_7d, language)}</strong>
            <Spark values={rule.hits_days} color="var(--c1)" height={20} />
          </dd>
        </div>
        <div>
          <dt>{t("rules.col.last")}</dt>
          <dd>{rule.last_hit_at ? <TimeText at={rule.last_hit_at} relative /> : inForce ? <Status tone="warn">{t("rules.never")}</Status> : t("rules.never")}</dd>
        </div>
        <div>
          <dt>{t("rules.col.owner")}</dt>
          <dd>{rule.owner || t("none")}</dd>
        </div>
        <div>
          <dt>{t("rule.id")}</dt>
          <dd>
            <Mono text={rule.rule_id} what={t("rule.id")} most={14} />
          </dd>
        </div>
      </dl>
      <div className="layer-acts">
        <Link to="/rules/$rule/edit" params={{ rule: rule.rule_id }} className="button" disabled={writing !== undefined} title={writing}>
          {t("rule.edit")}
        </Link>
        {rule.draft_version !== null && (inForce || rule.version > 1) && button("discard", writing)}
        {inForce && rule.stage !== "act" && button("enable", publishing)}
        {inForce && rule.stage !== "observe" && button("observe", publishing)}
        {inForce && rule.stage !== "off" && button("disable", publishing)}
        {inForce && button("retire", publishing)}
        {rule.draft_version !== null && button("publish", publishing, "button primary")}
      </div>
      {rule.shadowed_by && <Shadowed id={rule.shadowed_by.rule_id} />}
      {act === "publish" && <PublishDialog rule={rule} close={close} />}
      {act === "discard" && <DiscardDialog rule={rule} close={close} />}
      {(act === "enable" || act === "observe" || act === "disable" || act === "retire") && <SwitchDialog rule={rule} how={act} close={close} />}
    </section>
  );
}

/** It stands behind one that always says stop. */
function Shadowed({ id }: { id: string }) {
  const { t } = useI18n();
  const name = useRule(id).data?.name ?? id;
  return (
    <p className="notice warn wide">
      <Status tone="warn">{t("rules.note.shadowed")}</Status>{" "}
      <span>
        {t("rule.shadowed")}{" "}
        <Link to="/rules/$rule" params={{ rule: id }}>
          {name}
        </Link>
      </span>
    </p>
  );
}
