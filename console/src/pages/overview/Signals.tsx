import { useMemo, useState } from "react";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatClock, formatCount, formatDuration, formatRate } from "../../i18n/format";
import { serverNow } from "../../live/now";
import { Card } from "../../ui/Card";
import { Panel } from "../../ui/Panel";
import { Segments } from "../../ui/Segments";
import type { Hour } from "./hour";

type Unit = "files" | "bytes";

/** Throughput and failed attempts of the last hour on one time axis. */
export function Signals({ hour }: { hour: Hour }) {
  const { t } = useI18n();
  const [unit, setUnit] = useState<Unit>("files");
  const [table, setTable] = useState(false);
  return (
    <Card
      title={t("signals.title")}
      sub={t("signals.sub", { step: formatDuration(hour.stepS, t) })}
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
      <div className="pad">{table ? <Numbers hour={hour} /> : <Stack hour={hour} unit={unit} />}</div>
    </Card>
  );
}

function Stack({ hour, unit }: { hour: Hour; unit: Unit }) {
  const { t, language } = useI18n();
  const { times, done, failed } = useMemo(
    () => ({
      times: hour.slots.map((slot) => slot.at),
      done: hour.slots.map((slot) => perSecond(slot[unit], slot.seconds)),
      failed: hour.slots.map((slot) => slot.failed),
    }),
    [hour, unit],
  );
  const format = unit === "files" ? formatRate : formatBytes;
  const known = done.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const label = t("signals.aria", { mean: format(mean), max: format(Math.max(0, ...known)), failed: hour.failed });
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

const perSecond = (value: number | null, seconds: number): number | null => (value === null ? null : value / seconds);

function Numbers({ hour }: { hour: Hour }) {
  const { t, language } = useI18n();
  const told = (value: number | null, format: (value: number) => string): string =>
    value === null ? t("none") : format(value);
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
          {[...hour.slots].reverse().map((slot) => (
            <tr key={slot.at}>
              <td>{formatClock(slot.at * 1000, serverNow())}</td>
              <td className="num">{told(perSecond(slot.files, slot.seconds), formatRate)}</td>
              <td className="num">{told(perSecond(slot.bytes, slot.seconds), formatBytes)}</td>
              <td className="num">{told(slot.failed, (value) => formatCount(value, language))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
