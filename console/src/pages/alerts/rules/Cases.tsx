import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { checkDoc, type DocCheck, DOCS_KEY, type FailedTest } from "../../../api/alertdocs";
import type { Document } from "../../../api/configs";
import { type I18n, useI18n } from "../../../i18n/context";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { SEVERITIES } from "../routes";
import { casesOf, expectOf, nameOf, sayEvents, standingOf } from "./cases";

/** The test cases of a rule with what becomes of each: all of them must pass before it is published. */
export function Cases({ id, rule }: { id: string; rule: Document }) {
  const i18n = useI18n();
  const { t } = i18n;
  const cases = casesOf(rule);
  const check = useQuery({ queryKey: [DOCS_KEY, "check", id, rule], queryFn: ({ signal }) => checkDoc("rule", rule, id, signal), enabled: cases.length > 0, retry: false }).data;
  if (cases.length === 0) {
    return (
      <Empty title={t("tests.none")} action={<Link to="/alerts/rules/$rule/edit" params={{ rule: id }} search={{}} className="button">{t("rule.edit")}</Link>}>
        {t("alertcase.none.sub")}
      </Empty>
    );
  }
  return (
    <>
      <Passed cases={cases} check={check} />
      <div className="scroll-x">
        <table className="case-list">
          <thead>
            <tr>
              <th scope="col">{t("tests.case")}</th>
              <th scope="col">{t("alertcase.events")}</th>
              <th scope="col">{t("tests.expect")}</th>
              <th scope="col">{t("tests.result")}</th>
            </tr>
          </thead>
          <tbody>
            {cases.map((one, index) => (
              <tr key={index}>
                <td>{nameOf(one, index)}</td>
                <td className="mono small breakable">{sayEvents(one).map((line, at) => <p key={at}>{line}</p>)}</td>
                <td>{sayExpected(one, i18n)}</td>
                <td><CaseResult place={index} check={check} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function Passed({ cases, check }: { cases: readonly Document[]; check: DocCheck | undefined }) {
  const { t } = useI18n();
  if (!check || check.faults.length || !cases.length) return null;
  const good = cases.length - check.failed_tests.length;
  return (
    <p className="case-said">
      <Status tone={good === cases.length ? "ok" : "crit"}>{t("tests.passed", { good, all: cases.length })}</Status> <span className="dim">{t("tests.gate")}</span>
    </p>
  );
}

export function CaseResult({ place, check }: { place: number; check: DocCheck | undefined }) {
  const i18n = useI18n();
  const { t } = i18n;
  if (!check || check.faults.length) return <span className="dim">{t("none")}</span>;
  const failed = check.failed_tests.find((one) => one.place === place);
  return failed ? <Status tone="crit">{t("tests.failed", { got: sayGot(failed, i18n) })}</Status> : <Status tone="ok">{t("tests.ok")}</Status>;
}

const sayGot = ({ alert, severity }: FailedTest, { t }: I18n): string =>
  severity === null ? t(`alertcase.got.${alert}`) : t("alertcase.with", { what: t(`alertcase.got.${alert}`), severity: t(`severity.${severity}`) });

function sayExpected(one: Document, { t }: I18n): string {
  const expect = expectOf(one);
  const what = t(`alertcase.alert.${standingOf(expect)}`);
  const severity = SEVERITIES.find((word) => word === expect["severity"]);
  return severity === undefined ? what : t("alertcase.with", { what, severity: t(`severity.${severity}`) });
}
