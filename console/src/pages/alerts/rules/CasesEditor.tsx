import type { DocCheck } from "../../../api/alertdocs";
import type { Document, Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { Icon } from "../../../ui/Icon";
import { Choice, JsonField, TextField } from "../../rules/edit/controls";
import { useFaultsAt } from "../../rules/edit/form";
import { typedOf } from "../../rules/cond/conditions";
import { SEVERITIES } from "../routes";
import { CaseResult, Passed } from "./Cases";
import { casesOf, expectOf, nameOf, type Standing, STANDINGS, standingOf } from "./cases";

interface Props {
  document: Document;
  setDocument: (document: Document) => void;
  check: DocCheck | undefined;
}

const EXAMPLE: Json = [{ type: "gwf.log.matched", agent_id: "host-1", severity: "error", labels: { env: "prod" } }];

/** The test cases of a rule of alerts: events one after another, with what is to be of them. */
export function CasesEditor({ document, setDocument, check }: Props) {
  const { t } = useI18n();
  const cases = casesOf(document);
  const put = (next: Document[]): void => {
    const { tests: _, ...rest } = document;
    setDocument(next.length ? { ...rest, tests: next } : rest);
  };
  const faults = useFaultsAt("/tests").filter(({ pointer }) => pointer === "/tests");
  return (
    <>
      <Passed cases={cases} check={check} />
      {cases.length === 0 && <p className="dim">{t("alertcase.none.sub")}</p>}
      {cases.map((one, index) => (
        <fieldset key={index} className="act edit">
          <legend>
            {nameOf(one, index)} <CaseResult place={index} check={check} />
            <button type="button" className="button ghost small square" aria-label={t("tests.remove", { name: nameOf(one, index) })} title={t("tests.remove", { name: nameOf(one, index) })} onClick={() => put(cases.filter((_, at) => at !== index))}>
              <Icon name="x" size={12} />
            </button>
          </legend>
          <OneCase one={one} pointer={`/tests/${index}`} set={(next) => put(cases.map((old, at) => (at === index ? next : old)))} />
        </fieldset>
      ))}
      {faults.map((fault) => <FaultText key={fault.message} fault={fault} />)}
      <button type="button" className="button ghost small" onClick={() => put([...cases, { name: t("tests.new.name", { number: cases.length + 1 }), events: EXAMPLE, expect: { alert: "firing" } }])}>
        {t("tests.add")}
      </button>
    </>
  );
}

function OneCase({ one, pointer, set }: { one: Document; pointer: string; set: (value: Document) => void }) {
  const { t } = useI18n();
  const faults = useFaultsAt(pointer);
  const expect = expectOf(one);
  const standing = standingOf(expect);
  const { severity, ...rest } = expect;
  const { until, ...others } = one;
  const expected = (alert: Standing): void => set({ ...one, expect: { ...(alert === "none" ? rest : expect), alert } });
  return (
    <>
      <TextField label={t("tests.case")} hidden={false} mono={false} value={one["name"]} set={(next) => set({ ...one, name: next ?? "" })} />
      <JsonField label={t("alertcase.events")} value={one["events"]} set={(next) => set({ ...one, events: next ?? [] })} rows={4} />
      <p className="dim small">{t("alertcase.events.help")}</p>
      <span className="case-expect">
        <span>{t("alertcase.until")}</span>
        <TextField label={t("alertcase.until")} className="short" value={until} hint="0s" set={(next) => set(next === undefined ? others : { ...one, until: next })} />
        <span>{t("alertcase.until.word")}</span>
        <Choice label={t("tests.expect")} value={standing} options={STANDINGS.map((word) => [word, t(`alertcase.alert.${word}`)] as const)} set={(next) => expected(next as Standing)} />
        {standing !== "none" && (
          <Choice
            label={t("alerts.severity")}
            value={typedOf(severity)}
            options={[["", t("alertcase.severity.any")], ...SEVERITIES.map((word) => [word, t(`severity.${word}`)] as const)]}
            set={(next) => set({ ...one, expect: next === "" ? rest : { ...expect, severity: next } })}
          />
        )}
      </span>
      {faults.map((fault) => <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />)}
    </>
  );
}
