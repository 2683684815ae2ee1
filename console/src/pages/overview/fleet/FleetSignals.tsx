import { useMemo } from "react";
import type { Change, FleetOverview } from "../../../api/fleet";
import { absolute, type Range } from "../../../app/range";
import { useI18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Card } from "../../../ui/Card";
import { Stack } from "../../../ui/Stack";
import { ErrorBlock } from "../../../ui/StateBlock";
import { type Marker, type PanelSpec, TIME_STEPS, topSeries } from "../../../ui/stack/model";
import { formatPct } from "../../agents/words";
import { bandsOf, classColors, column, failuresOf, secondsOf } from "./flow";
import { changeText, changeTone } from "./words";

interface Props {
  now: FleetOverview;
  changes: readonly Change[];
  /** Why the changes did not come. */
  error: Error | null;
  retry: () => void;
  table: boolean;
  setTable: (table: boolean) => void;
  onRange: (range: Range) => void;
}

/** Success, failures and waiting on one axis of time, with the changes as vertical lines. */
export function FleetSignals({ now, changes, error, retry, table, setTable, onRange }: Props) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const { points, step_s: step, upload, queue, failure_classes: classes } = now;
  const times = useMemo(() => points.map(({ at }) => secondsOf(at)), [points]);
  const panels = useMemo((): PanelSpec[] => {
    const colors = classColors(classes);
    const failures = classes.map((name) => ({
      name: wordOf(language, "class", name),
      color: colors.get(name) ?? "--mute-f",
      values: failuresOf(points, name),
    }));
    return [
      {
        id: "success", name: t("fleet.success"), kind: "line", height: 118, ceiling: 100,
        format: (value) => formatPct(Number(value.toPrecision(5))),
        threshold: { value: upload.success_target * 100, label: t("fleet.target", { value: formatPct(upload.success_target * 100) }) },
        series: [{ name: t("fleet.success"), color: "--c1", values: column(points, ({ success_ratio: ratio }) => (ratio === null ? null : ratio * 100)) }],
      },
      {
        id: "failures", name: t("fleet.failures", { step: formatDuration(step, t) }), kind: "bars", height: 112,
        format: (value) => (Number.isInteger(value) ? formatCount(value, language) : ""),
        series: failures.length
          ? topSeries(failures, { name: t("fleet.other"), color: "--mute-f" })
          : [{ name: t("fleet.nofailures"), color: "--mute-f", values: column(points, ({ failed_attempts: failed }) => failed) }],
      },
      {
        id: "wait", name: t("fleet.wait"), kind: "line", height: 116,
        format: (value) => (value === 0 ? "0" : formatDuration(value, t)),
        steps: TIME_STEPS,
        threshold: { value: queue.oldest_wait_limit_s, label: t("fleet.limit", { value: formatDuration(queue.oldest_wait_limit_s, t) }) },
        series: [{ name: t("fleet.wait"), color: "--c3", values: column(points, ({ oldest_wait_s: wait }) => wait) }],
      },
    ];
  }, [points, classes, upload.success_target, queue.oldest_wait_limit_s, step, t, language]);
  const markers = useMemo(
    (): Marker[] => changes.map((change) => ({ id: change.id, at: secondsOf(change.at), label: changeText(change, i18n), tone: changeTone(change), href: `./audit/${change.id}` })),
    [changes, i18n],
  );
  const bands = useMemo(() => bandsOf(points, upload.success_target, step), [points, upload.success_target, step]);
  return (
    <Card
      title={t("fleet.signals")}
      sub={t("fleet.signals.sub")}
      tools={
        <button type="button" className="button ghost small" aria-pressed={table} onClick={() => setTable(!table)}>
          {t(table ? "signals.chart" : "signals.table")}
        </button>
      }
    >
      {error && <ErrorBlock error={error} retry={retry} />}
      <div className="pad">
        <Stack
          times={times}
          panels={panels}
          markers={markers}
          bands={bands}
          table={table}
          label={t("fleet.aria", { done: upload.done, failed: upload.failed_attempts, changes: changes.length })}
          onRange={(from, to) => onRange(absolute(from * 1000, to * 1000))}
        />
      </div>
    </Card>
  );
}
