import { Link } from "@tanstack/react-router";
import type { FleetOverview } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { Spark, thin } from "../../../ui/Spark";
import { Empty } from "../../../ui/StateBlock";
import { formatPct } from "../../agents/words";
import { classColors, failuresOf } from "./flow";

const POINTS = 36;

/** Why attempts failed, how often, and how that went over the time. */
export function FailureClasses({ now }: { now: FleetOverview }) {
  const { t, language } = useI18n();
  const { failure_classes: classes, failures, points } = now;
  const colors = classColors(classes);
  const total = classes.reduce((sum, name) => sum + (failures[name] ?? 0), 0);
  return (
    <Card title={t("failures.title")} sub={t("fleet.failures.total", { count: total })}>
      {classes.length === 0 ? (
        <Empty title={t("fleet.failures.none")}>{t("failures.none.sub")}</Empty>
      ) : (
        <table aria-label={t("failures.title")}>
          <thead>
            <tr>
              <th>{t("failures.class")}</th>
              <th className="num">{t("failures.attempts")}</th>
              <th className="num">{t("fleet.failures.share")}</th>
              <th>{t("fleet.failures.trend")}</th>
            </tr>
          </thead>
          <tbody>
            {classes.map((name) => (
              <tr key={name}>
                <td>
                  <Link to="/events/files" search={{ error_class: [name], status: ["failed", "dead"] } as never}>
                    {wordOf(language, "class", name)}
                  </Link>
                </td>
                <td className="num strong">{formatCount(failures[name] ?? 0, language)}</td>
                <td className="num">{formatPct(Number(((100 * (failures[name] ?? 0)) / Math.max(1, total)).toFixed(1)))}</td>
                <td className="trend">
                  <Spark values={thin(failuresOf(points, name), POINTS)} color={`var(${colors.get(name) ?? "--mute-f"})`} height={20} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
