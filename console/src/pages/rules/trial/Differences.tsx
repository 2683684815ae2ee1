import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Difference, Summary } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { TimeText } from "../../../ui/TimeText";
import { typeText } from "../../events/say";
import { Reason } from "./Stories";

type Change = Difference["change"];

const CHANGES: readonly Change[] = ["lost", "gained", "moved", "kept"];
const LOOK: Readonly<Record<Change, string>> = { lost: "mute", gained: "run", moved: "hold", kept: "" };

/** Event by event: what the change takes away, adds, gives to other rules, and leaves as it is. */
export function Differences({ summary, differences }: { summary: Summary; differences: readonly Difference[] }) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const [chosen, setChosen] = useState<Change>();
  const shown = chosen ?? CHANGES.find((change) => summary[change] > 0) ?? "kept";
  const rows = differences.filter(({ change }) => change === shown);
  return (
    <section aria-label={t("backtest.one.by.one")}>
      <div className="row wrap">
        <h3 className="part-title">{t("backtest.one.by.one")}</h3>
        <div className="chips" role="group" aria-label={t("backtest.change")}>
          {CHANGES.map((change) => (
            <button key={change} type="button" className="chip" aria-pressed={change === shown} onClick={() => setChosen(change)}>
              {t(`backtest.change.${change}`)} <span className="num">{formatCount(summary[change], language)}</span>
            </button>
          ))}
        </div>
      </div>
      {rows.length === 0 ? (
        <p className="dim">{t(`backtest.none.${shown}`)}</p>
      ) : (
        <div className="scroll-x">
          <table className="difference-list">
            <caption className="sr">{t(`backtest.change.${shown}`)}</caption>
            <thead>
              <tr>
                <th scope="col">{t("backtest.change")}</th>
                <th scope="col">{t("rule.matches.at")}</th>
                <th scope="col">{t("rule.matches.subject")}</th>
                <th scope="col">{t("backtest.why")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={`${one.event_kind} ${one.row_id}`}>
                  <td>
                    <span className={`tag ${LOOK[one.change]}`}>{t(`backtest.change.${one.change}`)}</span>
                  </td>
                  <td>
                    <TimeText at={one.at} />
                  </td>
                  <td className="breakable">
                    <Link to={(one.event_kind === "file" ? "/events/files" : "/events") as string} search={{ sel: one.row_id } as never} className={one.subject ? "mono" : ""} title={one.type}>
                      {one.subject ?? typeText(one.type, i18n)}
                    </Link>
                  </td>
                  <td className="small">
                    <Why one={one} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {summary[shown] > rows.length && rows.length > 0 && <p className="dim small">{t("backtest.told", { count: rows.length, all: summary[shown] })}</p>}
    </section>
  );
}

function Why({ one }: { one: Difference }) {
  const { t } = useI18n();
  if (one.change === "kept") return <span className="dim">{t("backtest.why.kept")}</span>;
  if (one.why.length === 0) return t(one.before.length && one.after.length ? "backtest.why.order" : one.change === "gained" ? "backtest.why.new" : "backtest.why.order");
  return one.why.map(({ rule, failed }) => (
    <span key={rule.rule_id}>
      {one.change === "gained" && <span className="dim">{t("backtest.why.before")} </span>}
      {failed.length ? failed.map((leaf) => <Reason key={leaf.pointer} leaf={leaf} />) : t("backtest.why.order")}
    </span>
  ));
}
