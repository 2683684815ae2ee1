import { Link } from "@tanstack/react-router";
import type { Document } from "../../api/configs";
import type { RuleCheck } from "../../api/rules";
import { useI18n } from "../../i18n/context";
import { isBlock } from "../../ui/edit/places";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { sayEventOf, sayExpected } from "./inWords";
import { useCheck } from "./useCheck";
import { gotText } from "./words";

/** The test cases of a rule with what becomes of each: all of them must pass before it is published. */
export function TestResults({ id, rule }: { id: string; rule: Document }) {
  const i18n = useI18n();
  const { t } = i18n;
  const check = useCheck(id, rule);
  const tests = casesOf(rule);
  if (!tests.length) {
    return (
      <Empty
        title={t("tests.none")}
        action={
          <Link to="/rules/$rule/edit" params={{ rule: id }} className="button">
            {t("rule.edit")}
          </Link>
        }
      >
        {t("tests.none.sub")}
      </Empty>
    );
  }
  return (
    <>
      <Passed tests={tests} check={check} />
      <div className="scroll-x">
        <table className="case-list">
          <thead>
            <tr>
              <th scope="col">{t("tests.case")}</th>
              <th scope="col">{t("tests.event")}</th>
              <th scope="col">{t("tests.expect")}</th>
              <th scope="col">{t("tests.result")}</th>
            </tr>
          </thead>
          <tbody>
            {tests.map((one, index) => (
              <tr key={index}>
                <td>{nameOf(one, index)}</td>
                <td className="mono small breakable">{sayEventOf(one).join(" · ")}</td>
                <td>{sayExpected(one, i18n)}</td>
                <td>
                  <CaseResult place={index} check={check} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function casesOf(rule: Document | null): Document[] {
  const tests = rule?.["tests"];
  return Array.isArray(tests) ? tests.filter(isBlock) : [];
}

export const nameOf = (one: Document, index: number): string => (typeof one["name"] === "string" && one["name"] ? one["name"] : `#${index + 1}`);

export function Passed({ tests, check }: { tests: readonly Document[]; check: RuleCheck | undefined }) {
  const { t } = useI18n();
  if (!check || check.faults.length || !tests.length) return null;
  const good = tests.length - check.failed_tests.length;
  return (
    <p>
      <Status tone={good === tests.length ? "ok" : "crit"}>{t("tests.passed", { good, all: tests.length })}</Status> <span className="dim">{t("tests.gate")}</span>
    </p>
  );
}

export function CaseResult({ place, check }: { place: number; check: RuleCheck | undefined }) {
  const { t, language } = useI18n();
  if (!check || check.faults.length) return <span className="dim">{t("none")}</span>;
  const failed = check.failed_tests.find((one) => one.place === place);
  return failed ? <Status tone="crit">{t("tests.failed", { got: gotText(failed.got, language) })}</Status> : <Status tone="ok">{t("tests.ok")}</Status>;
}
