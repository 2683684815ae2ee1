import { useMemo, useState } from "react";
import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatClock, formatCount, formatDuration, formatRate } from "../../i18n/format";
import { serverNow } from "../../live/now";
import { Card } from "../../ui/Card";
import { Panel } from "../../ui/Panel";
import { Segments } from "../../ui/Segments";

type Unit = "files" | "bytes";

/** Throughput and failed attempts of the last hour on one time axis. */
export function Signals({ rates }: { rates: Overview["rates"] }) {
  const { t } = useI18n();
  const [unit, setUnit] = useState<Unit>("files");
  const [table, setTable] = useState(false);
  return (
    <Card
      title={t("signals.title")}
      sub={t("signals.sub", { step: formatDuration(rates.step_s, t) })}
      tools={
        <>
          <Segments
            label={t("signals.unit")}
            value={unit}
            options={(["files", "bytes"] as const).map((value) => ({ value, label: t(`signals.${value}`) }))}
            onChange={setUnit}
          />
          <button type="button" className="button ghost small" aria-pressed={table} onClick={() => setTable(!table)}>
            {t(table ? "signals.chart" : "signals.table")}
          </button>
        </>
      }
    >
      <div className="pad">{table ? <Numbers rates={rates} /> : <Stack rates={rates} unit={unit} />}</div>
    </Card>
  );
}

function Stack({ rates, unit }: { rates: Overview["rates"]; unit: Unit }) {
  const { t, language } = useI18n();
  const { times, done, failed } = useMemo(
    () => ({
      times: rates.points.map((point) => Date.parse(point.at) / 1000),
      done: rates.points.map((point) => point[unit] / rates.step_s),
      failed: rates.points.map((point) => point.failed_attempts),
    }),
    [rates, unit],
  );
  const format = unit === "files" ? formatRate : formatBytes;
  const mean = done.reduce((sum, value) => sum + value, 0) / Math.max(1, done.length);
  const total = failed.reduce((sum, value) => sum + value, 0);
  const label = t("signals.aria", { mean: format(mean), max: format(Math.max(0, ...done)), failed: total });
  const common = { times, label };
  return (
    <>
      <Panel {...common} name={t(`signals.${unit}`)} values={done} kind="line" color="--c1" height={128} last={false} format={format} />
      <Panel
        {...common}
        name={t("signals.failed")}
        values={failed}
        kind="bars"
        color="--crit-f"
        height={112}
        last
        format={(value) => (Number.isInteger(value) ? formatCount(value, language) : "")}
      />
    </>
  );
}

function Numbers({ rates }: { rates: Overview["rates"] }) {
  const { t, language } = useI18n();
  return (
    <div className="numbers" tabIndex={0} role="region" aria-label={t("signals.title")}>
      <table>
        <thead>
          <tr>
            <th>{t("signals.time")}</th>
            <th className="num">{t("signals.files")}</th>
            <th className="num">{t("signals.bytes")}</th>
            <th className="num">{t("signals.failed")}</th>
          </tr>
        </thead>
        <tbody>
          {[...rates.points].reverse().map((point) => (
            <tr key={point.at}>
              <td>{formatClock(point.at, serverNow())}</td>
              <td className="num">{formatRate(point.files / rates.step_s)}</td>
              <td className="num">{formatBytes(point.bytes / rates.step_s)}</td>
              <td className="num">{formatCount(point.failed_attempts, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
