import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { checkDoc, type Doc, type DocCheck, DOCS_KEY, type DryRun as Run, useDoc } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import type { Document } from "../../../api/configs";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { Allowed } from "../../../ui/Allowed";
import { type Edited, useDocument } from "../../../ui/edit/useDocument";
import { YamlEditor } from "../../../ui/edit/YamlEditor";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Tabs } from "../../../ui/Tabs";
import { FaultsContext } from "../../rules/edit/form";
import "../../../styles/alerts.css";
import "../../../styles/configs.css";
import "../../../styles/diff.css";
import "../../../styles/editor.css";
import "../../../styles/rules.css";
import { CasesEditor } from "./CasesEditor";
import { caseOf, casesOf } from "./cases";
import { DryRun } from "./DryRun";
import { AlertDraft } from "./form";
import { RuleForm } from "./RuleForm";
import { Save } from "./Save";

const FIRST: Document = { name: "", when: { all: [{ type: "gwf.log.matched" }] }, by: ["agent_id"], severity: "warning", title: "" };
const CRUMBS = "/alerts/rules";

/** A new rule of alerts. */
export function NewAlertRulePage() {
  const { t } = useI18n();
  return (
    <div className="stack">
      <PageHead title={t("alertrule.new.title")} crumbs={[{ label: t("nav.alerts"), to: "/alerts" }, { label: t("alerts.part.rules"), to: CRUMBS }]} scoped={false} />
      <Allowed needs={WRITE}>
        <Editor rule={undefined} start={FIRST} />
      </Allowed>
    </div>
  );
}

/** The draft of a rule, or the next version beside the one in force. */
export function EditAlertRulePage() {
  const { t } = useI18n();
  const { rule: id } = useParams({ from: "/alerts/rules/$rule/edit" });
  const rule = useDoc("rule", id);
  const name = rule.data?.name ?? id;
  return (
    <div className="stack">
      <PageHead title={t("rule.edit.title", { name })} crumbs={[{ label: t("alerts.part.rules"), to: CRUMBS }, { label: name, to: `${CRUMBS}/${id}` }]} scoped={false} />
      <QueryState query={rule} object={{ what: t("alert.to.rule"), id }}>
        {(data) => <Begun key={data.id} rule={data} />}
      </QueryState>
    </div>
  );
}

/** What is written meanwhile changes nothing here: the writing goes on from where it began. */
function Begun({ rule }: { rule: Doc }) {
  const [kept] = useState(rule);
  return (
    <Allowed needs={WRITE}>
      <Editor rule={kept} start={kept.document} />
    </Allowed>
  );
}

export type RuleEdit = Edited<DocCheck>;
type Side = "dryrun" | "tests";

function Editor({ rule, start }: { rule: Doc | undefined; start: Document }) {
  const { t } = useI18n();
  const { as = "form" } = useSearch({ strict: false }) as { as?: "form" | "yaml" };
  const navigate = useNavigate();
  const begin = useMemo(() => ({ text: "", document: start }), [start]);
  const draft: RuleEdit = useDocument<DocCheck>({
    queryKey: [DOCS_KEY, "check", rule?.id],
    start: begin,
    check: (sent, signal) => checkDoc("rule", sent, rule?.id, signal),
    judged: ({ text, document }) => ({ text, document }),
  });
  const { document, check } = draft;
  const faults = check?.faults ?? [];
  const [side, setSide] = useState<Side>("dryrun");
  const cases = casesOf(document);
  const keep = (alert: Run["items"][number]): void => {
    if (document === null) return;
    draft.setDocument({ ...document, tests: [...cases, caseOf(document, alert, t("tests.new.name", { number: cases.length + 1 }))] });
    setSide("tests");
  };
  const sound = document !== null && check !== undefined && faults.length === 0 && !draft.checking;
  return (
    <FaultsContext value={faults}>
      <div className="editor rule-editor">
        <section className="card" aria-label={t("alert.to.rule")}>
          <header>
            <Segments
              label={t("edit.view")}
              value={as}
              options={(["form", "yaml"] as const).map((value) => ({ value, label: t(`edit.${value}`) }))}
              onChange={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, as: next })) as never, replace: true, resetScroll: false })}
            />
            <span className="tools"><Verdict draft={draft} /></span>
          </header>
          <div className="pad">
            {draft.error && <ErrorBlock error={draft.error} retry={draft.again} />}
            {as === "yaml" ? (
              <YamlEditor text={draft.text} setText={draft.setText} faults={faults} readOnly={false} label={t("rule.yaml")} />
            ) : document === null ? (
              <p className="notice warn">{t("edit.yaml.broken")}</p>
            ) : (
              <AlertDraft value={{ document, setDocument: draft.setDocument }}>
                <RuleForm />
              </AlertDraft>
            )}
          </div>
          <Save rule={rule} draft={draft} />
        </section>
        <section className="card rule-side" aria-label={t("rule.side")}>
          <Tabs<Side>
            label={t("rule.side")}
            tabs={[{ key: "dryrun", label: t("alertrule.tab.dryrun") }, { key: "tests", label: t("rule.tab.tests"), count: cases.length || undefined }]}
            value={side}
            onChange={setSide}
          >
            <div className="pad">
              {side === "dryrun" && document !== null && <DryRun id={rule?.id} document={document} blocked={!sound} keep={keep} />}
              {side === "tests" && document !== null && <CasesEditor document={document} setDocument={draft.setDocument} check={check} />}
            </div>
          </Tabs>
        </section>
      </div>
    </FaultsContext>
  );
}

/** Whether what stands there could be put into force, as the server sees it. */
function Verdict({ draft: { check, checking, error } }: { draft: RuleEdit }) {
  const { t } = useI18n();
  if (error) return <Status tone="warn">{t("edit.check.failed")}</Status>;
  if (checking || !check) return <Status tone="run">{t("edit.checking")}</Status>;
  if (check.faults.length) return <Status tone="crit">{t("edit.faults", { count: check.faults.length })}</Status>;
  if (check.failed_tests.length) return <Status tone="warn">{t("rule.verdict.tests", { count: check.failed_tests.length })}</Status>;
  return <Status tone="ok">{t("edit.valid")}</Status>;
}
