import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Document } from "../../api/configs";
import { type Rule, useRule } from "../../api/rules";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { QueryState } from "../../ui/QueryState";
import { Status } from "../../ui/Status";
import { Tabs } from "../../ui/Tabs";
import "../../styles/configs.css";
import "../../styles/diff.css";
import "../../styles/rules.css";
import { Definition } from "./Definition";
import { Matches } from "./Matches";
import { RuleHead } from "./RuleHead";
import { type RuleTab, TABS } from "./routes";
import { TestResults } from "./TestResults";
import { Backtest } from "./trial/Backtest";
import { sampleOf } from "./trial/sample";
import { TryPanel } from "./trial/TryPanel";
import { Versions } from "./Versions";
import { STATE_TONE, stateOf } from "./words";

/** One rule: what it says, what it did, what it would do, and every version that it had. */
export function RulePage() {
  const { t } = useI18n();
  const { rule: id } = useParams({ from: "/rules/$rule" });
  const rule = useRule(id);
  return (
    <div className="stack">
      <PageHead title={rule.data?.name ?? id} crumbs={[{ label: t("nav.rules"), to: "/rules" }]} scoped={false}>
        {rule.data && <Status tone={STATE_TONE[stateOf(rule.data)]}>{t(`rules.state.${stateOf(rule.data)}`)}</Status>}
      </PageHead>
      <QueryState query={rule} object={{ what: t("rule.what"), id }} pace="list">
        {(data) => <Loaded rule={data} />}
      </QueryState>
    </div>
  );
}

function Loaded({ rule }: { rule: Rule }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/rules/$rule" });
  const navigate = useNavigate({ from: "/rules/$rule" });
  const tab = search.tab ?? "definition";
  const cases = Array.isArray(rule.rule["tests"]) ? rule.rule["tests"].length : 0;
  const counts: Partial<Record<RuleTab, number>> = { tests: cases, matches: rule.hits_7d };
  const document = rule.rule as Document;
  return (
    <>
      <RuleHead rule={rule} />
      <section className="card">
        <Tabs<RuleTab>
          label={t("rule.tab")}
          tabs={TABS.map((key) => ({ key, label: t(`rule.tab.${key}`), count: counts[key] || undefined }))}
          value={tab}
          onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next === "definition" ? undefined : next, sel: undefined, event: undefined, kind: undefined }), replace: true, resetScroll: false })}
        >
          <div className={tab === "matches" || tab === "versions" ? "" : "pad"}>
            {rule.draft_version !== null && rule.published_version !== null && tab !== "matches" && tab !== "versions" && (
              <p className="notice run">{t("rule.shows.draft", { draft: rule.draft_version, version: rule.published_version })}</p>
            )}
            {tab === "definition" && <Definition rule={document} />}
            {tab === "versions" && <Versions rule={rule} />}
            {tab === "try" && <TryPanel key={search.event} id={rule.rule_id} rule={document} start={sampleOf(search)} />}
            {tab === "backtest" && <Backtest id={rule.rule_id} />}
            {tab === "tests" && <TestResults id={rule.rule_id} rule={document} />}
            {tab === "matches" && <Matches rule={rule} />}
          </div>
        </Tabs>
      </section>
    </>
  );
}
