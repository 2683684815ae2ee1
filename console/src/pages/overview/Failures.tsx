import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Card } from "../../ui/Card";
import { Empty } from "../../ui/StateBlock";
import { TimeText } from "../../ui/TimeText";

/** Failed attempts by cause: how many ever, how many files hang there now. */
export function Failures({ failures }: { failures: Overview["failures"] }) {
  const { t, language } = useI18n();
  const total = failures.reduce((sum, failure) => sum + failure.attempts_total, 0);
  const most = Math.max(1, ...failures.map((failure) => failure.attempts_total));
  if (!failures.length) {
    return (
      <Card title={t("failures.title")}>
        <Empty title={t("failures.none")}>{t("failures.none.sub")}</Empty>
      </Card>
    );
  }
  return (
    <Card title={t("failures.title")} sub={t("failures.sub", { count: total })}>
      <table className="failures">
        <thead>
          <tr>
            <th>{t("failures.class")}</th>
            <th className="num">{t("failures.attempts")}</th>
            <th className="share" aria-hidden="true" />
            <th className="num">{t("failures.now")}</th>
            <th className="num">{t("failures.last")}</th>
          </tr>
        </thead>
        <tbody>
          {failures.map((failure) => (
            <tr key={failure.error_class} title={failure.last_message}>
              <td>{t(`class.${failure.error_class}`)}</td>
              <td className="num strong">{formatCount(failure.attempts_total, language)}</td>
              <td className="share" aria-hidden="true">
                <div className="bar thin">
                  <i className="crit" style={{ width: `${(100 * failure.attempts_total) / most}%` }} />
                </div>
              </td>
              <td className="num">{formatCount(failure.files_now, language)}</td>
              <td className="num dim">{failure.last_at ? <TimeText at={failure.last_at} relative /> : t("none")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
