import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Document } from "../../../api/configs";
import { checkRule, type Rule, type RuleCheck, RULES_KEY, useRule, useRuleVersion } from "../../../api/rules";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import "../../../styles/configs.css";
import "../../../styles/diff.css";
import "../../../styles/editor.css";
import "../../../styles/rules.css";
import { Allowed } from "../../../ui/Allowed";
import { useDocument } from "../../../ui/edit/useDocument";
import { YamlEditor } from "../../../ui/edit/YamlEditor";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import { Backtest } from "../trial/Backtest";
import { sampleOf } from "../trial/sample";
import { TryPanel } from "../trial/TryPanel";
import { casesOf } from "../TestResults";
import { DraftContext, faultsOf, type RuleDraft } from "./form";
import { RuleForm } from "./RuleForm";
import { Save } from "./Save";
import { TestsEditor } from "./TestsEditor";

const FIRST: Document = { name: "", priority: 0, when: { all: [{ type: "gwf.file.done" }, { path: "/var/log/**/*.log" }] }, then: [] };

/** A new rule. */
export function NewRulePage() {
  const { t } = useI18n();
  return (
    <div className="stack">
      <PageHead title={t("rule.new.title")} crumbs={[{ label: t("nav.rules"), to: "/rules" }]} scoped={false} />
      <Allowed needs="rules:write">
        <Editor rule={undefined} start={FIRST} />
      </Allowed>
    </div>
  );
}

/** The draft of a rule, or the next version beside the one in force. */
export function EditRulePage() {
  const { t } = useI18n();
  const { rule: id } = useParams({ from: "/rules/$rule/edit" });
  const { base } = useSearch({ strict: false }) as { base?: number };
  const rule = useRule(id);
  const version = useRuleVersion(id, base);
  return (
    <div className="stack">
      <PageHead title={t("rule.edit.title", { name: rule.data?.name ?? id })} crumbs={[{ label: t("nav.rules"), to: "/rules" }, { label: rule.data?.name ?? id, to: `/rules/${id}` }]} scoped={false} />
      <QueryState query={rule} object={{ what: t("rule.what"), id }}>
        {(data) =>
          base === undefined ? (
            <Begun key={data.rule_id} rule={data} start={data.rule as Document} />
          ) : (
            <QueryState query={version} object={{ what: t("rule.version.what"), id: `v${base}` }}>
              {(old) => <Begun key={old.version} rule={data} start={old.rule as Document} />}
            </QueryState>
          )
        }
      </QueryState>
    </div>
  );
}

/** What is written meanwhile changes nothing here: the writing goes on from where it began. */
function Begun({ rule, start }: { rule: Rule; start: Document }) {
  const [kept] = useState(start);
  const [revision] = useState(rule.revision);
  return (
    <Allowed needs="rules:write">
      <Editor rule={rule} start={kept} revision={revision} />
    </Allowed>
  );
}

type Side = "try" | "backtest" | "tests";

function Editor({ rule, start, revision }: { rule: Rule | undefined; start: Document; revision?: number }) {
  const { t } = useI18n();
  const search = useSearch({ strict: false }) as { as?: "form" | "yaml"; event?: string; kind?: "event" | "file" };
  const navigate = useNavigate();
  const id = rule?.rule_id;
  const begin = useMemo(() => ({ text: "", document: start }), [start]);
  const draft: RuleDraft = useDocument<RuleCheck>({
    queryKey: [RULES_KEY, "check", id, "typed"],
    start: begin,
    check: (sent, signal) => checkRule(sent, id, signal),
    judged: ({ text, rule: document }) => ({ text, document: document as Document | null }),
  });
  const view = search.as ?? "form";
  const [side, setSide] = useState<Side>("try");
  const { document, check } = draft;
  const sound = document !== null && check !== undefined && check.faults.length === 0 && !draft.checking;
  const [sample] = useState(() => sampleOf(search));
  const cases = casesOf(document);
  const keep = (event: Document, matched: boolean): void => {
    draft.setDocument({ ...(document ?? {}), tests: [...cases, { name: t("tests.new.name", { number: cases.length + 1 }), event, expect: { matched } }] });
    setSide("tests");
  };
  return (
    <DraftContext value={draft}>
      <div className="editor rule-editor">
        <section className="card" aria-label={t("rule.editor")}>
          <header>
            <Segments
              label={t("edit.view")}
              value={view}
              options={(["form", "yaml"] as const).map((value) => ({ value, label: t(`edit.${value}`) }))}
              onChange={(as) => void navigate({ to: ".", search: ((old: object) => ({ ...old, as })) as never, replace: true, resetScroll: false })}
            />
            <span className="tools">
              <Verdict draft={draft} />
            </span>
          </header>
          <div className="pad">
            {draft.error && <ErrorBlock error={draft.error} retry={draft.again} />}
            {view === "yaml" ? (
              <YamlEditor text={draft.text} setText={draft.setText} faults={faultsOf(check)} readOnly={false} label={t("rule.yaml")} />
            ) : document === null ? (
              <p className="notice warn">{t("edit.yaml.broken")}</p>
            ) : (
              <RuleForm />
            )}
          </div>
          <Save rule={rule} draft={draft} revision={revision} />
        </section>
        <section className="card rule-side" aria-label={t("rule.side")}>
          <Tabs<Side>
            label={t("rule.side")}
            tabs={[{ key: "try", label: t("rule.tab.try") }, { key: "backtest", label: t("rule.tab.backtest") }, { key: "tests", label: t("rule.tab.tests"), count: cases.length || undefined }]}
            value={side}
            onChange={setSide}
          >
            <div className="pad">
              {side === "tests" && document !== null && <TestsEditor />}
              {side === "try" && (sound ? <TryPanel id={id} rule={document} start={sample} keep={keep} /> : <p className="dim">{t("backtest.blocked")}</p>)}
              {side === "backtest" && <Backtest id={id} rule={document ?? undefined} blocked={!sound} />}
            </div>
          </Tabs>
        </section>
      </div>
    </DraftContext>
  );
}

/** Whether what stands there could be a version, and be published, as the server sees it. */
function Verdict({ draft: { check, checking, error } }: { draft: RuleDraft }) {
  const { t } = useI18n();
  if (error) return <Status tone="warn">{t("edit.check.failed")}</Status>;
  if (checking || !check) return <Status tone="run">{t("edit.checking")}</Status>;
  if (check.faults.length) return <Status tone="crit">{t("edit.faults", { count: check.faults.length })}</Status>;
  if (check.action_faults.length) return <Status tone="warn">{t("rule.verdict.actions", { count: check.action_faults.length })}</Status>;
  if (check.failed_tests.length) return <Status tone="warn">{t("rule.verdict.tests", { count: check.failed_tests.length })}</Status>;
  if (check.shadowed_by) return <Status tone="warn">{t("rule.verdict.shadowed")}</Status>;
  return <Status tone="ok">{t("edit.valid")}</Status>;
}
