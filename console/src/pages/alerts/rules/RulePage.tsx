import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { type Doc, useDoc } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { Mono } from "../../../ui/Mono";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import "../../../styles/alerts.css";
import "../../../styles/diff.css";
import "../../../styles/rules.css";
import { type Act, DocDialog } from "../docs/Acts";
import { Versions } from "../docs/Versions";
import { DOC_TABS, type DocTab } from "../routes";
import { personOf } from "../words";
import { Cases } from "./Cases";
import { casesOf } from "./cases";
import { Definition } from "./Definition";
import { DryRun } from "./DryRun";
import { STATE_TONE, stateOf } from "./words";

/** One rule of alerts: what it says, what it would have done, what it did, and every version that it had. */
export function AlertRulePage() {
  const { t } = useI18n();
  const { rule: id } = useParams({ from: "/alerts/rules/$rule" });
  const rule = useDoc("rule", id);
  return (
    <div className="stack">
      <PageHead title={rule.data?.name ?? id} crumbs={[{ label: t("nav.alerts"), to: "/alerts" }, { label: t("alerts.part.rules"), to: "/alerts/rules" }]} scoped={false}>
        {rule.data && <Status tone={STATE_TONE[stateOf(rule.data)]}>{t(`alertrule.state.${stateOf(rule.data)}`)}</Status>}
      </PageHead>
      <QueryState query={rule} object={{ what: t("alert.to.rule"), id }} pace="list">
        {(data) => <Loaded rule={data} />}
      </QueryState>
    </div>
  );
}

function Loaded({ rule }: { rule: Doc }) {
  const { t } = useI18n();
  const { tab = "definition" } = useSearch({ from: "/alerts/rules/$rule" });
  const navigate = useNavigate({ from: "/alerts/rules/$rule" });
  const counts: Partial<Record<DocTab, number>> = { versions: rule.version, tests: casesOf(rule.document).length };
  return (
    <>
      <Head rule={rule} />
      <section className="card">
        <Tabs<DocTab>
          label={t("rule.tab")}
          tabs={DOC_TABS.map((key) => ({ key, label: t(key === "dryrun" ? "alertrule.tab.dryrun" : `rule.tab.${key}`), count: counts[key] || undefined }))}
          value={tab}
          onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next === "definition" ? undefined : next }), replace: true, resetScroll: false })}
        >
          <div className="pad">
            {rule.draft_version !== null && rule.published_version !== null && tab !== "versions" && <p className="notice run">{t("rule.shows.draft", { draft: rule.draft_version, version: rule.published_version })}</p>}
            {tab === "definition" && <Definition rule={rule.document} />}
            {tab === "dryrun" && <DryRun id={rule.id} document={rule.document} />}
            {tab === "tests" && <Cases id={rule.id} rule={rule.document} />}
            {tab === "versions" && <Versions kind="rule" doc={rule} />}
          </div>
        </Tabs>
      </section>
    </>
  );
}

/** The answer first: is it in force, what fires of it, and what can be done. */
function Head({ rule }: { rule: Doc }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const [act, setAct] = useState<Act>();
  const inForce = rule.published_version !== null;
  const off = rule.enabled === false;
  const button = (name: Act, look = "button") => (
    <button type="button" className={look} disabled={why !== undefined} title={why} onClick={() => setAct(name)}>
      {name === "publish" ? t("rule.act.publish", { number: rule.draft_version ?? 0 }) : t(`rule.act.${name}`)}
    </button>
  );
  return (
    <section className="card rule-head" aria-label={rule.name}>
      <dl className="rule-facts">
        <div>
          <dt>{t("rules.col.state")}</dt>
          <dd>
            <Status tone={STATE_TONE[stateOf(rule)]}>{t(`alertrule.state.${stateOf(rule)}`)}</Status>
            {inForce && <span className="version-tag">{t("version.name", { number: rule.published_version ?? 0 })}</span>}
            {rule.draft_version !== null && <span className="tag run">{t("rule.draft", { number: rule.draft_version })}</span>}
          </dd>
        </div>
        <div>
          <dt>{t("alertrule.open")}</dt>
          <dd><Link to="/alerts" search={{ rule: [rule.id] }} className="num">{rule.open_alerts ?? t("none")}</Link></dd>
        </div>
        <div>
          <dt>{t("alertrule.week")}</dt>
          <dd><span className="num">{rule.alerts_7d ?? t("none")}</span></dd>
        </div>
        <div>
          <dt>{t("rules.col.author")}</dt>
          <dd>{personOf(rule.author)}</dd>
        </div>
        <div>
          <dt>{t("rules.col.updated")}</dt>
          <dd><TimeText at={rule.updated_at} /></dd>
        </div>
        <div>
          <dt>{t("rule.id")}</dt>
          <dd><Mono text={rule.id} what={t("rule.id")} most={14} /></dd>
        </div>
      </dl>
      <div className="layer-acts">
        <Link to="/alerts/rules/$rule/edit" params={{ rule: rule.id }} className="button" disabled={why !== undefined} title={why}>{t("rule.edit")}</Link>
        {rule.draft_version !== null && rule.version > 1 && button("discard")}
        {inForce && button(off ? "enable" : "disable")}
        {inForce && button("retire")}
        {rule.draft_version !== null && button("publish", "button primary")}
      </div>
      {act && <DocDialog kind="rule" doc={rule} act={act} close={() => setAct(undefined)} />}
    </section>
  );
}
