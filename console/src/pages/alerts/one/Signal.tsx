import { useMemo, useState } from "react";
import { useDocVersions } from "../../../api/alertdocs";
import { type AlertDetail, type AlertSignal, useAlertSignal } from "../../../api/alerts";
import { useChanges, useHasFleet } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Stack } from "../../../ui/Stack";
import { type PanelSpec, TIME_STEPS } from "../../../ui/stack/model";
import "../../../styles/domain.css";
import { changeMarks, firingBands, slotTimes, turnMarks, versionMarks } from "./marks";

/** What the rule counts, before and while the alert fires, with what changed meanwhile. */
export function Signal({ alert }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const query = useAlertSignal(alert.alert_id);
  const [table, setTable] = useState(false);
  const { data } = query;
  return (
    <Card
      title={t("alert.signal")}
      {...(data ? { sub: <Says signal={data} /> } : {})}
      tools={
        <button type="button" className="button ghost small" aria-pressed={table} onClick={() => setTable(!table)}>
          {t(table ? "signals.chart" : "signals.table")}
        </button>
      }
    >
      <div className="pad">
        <QueryState query={query} rows={5} pace="list">
          {(signal) => <Drawn alert={alert} signal={signal} table={table} />}
        </QueryState>
      </div>
    </Card>
  );
}

function Says({ signal: { kind, step_s: step, within_s: within } }: { signal: AlertSignal }) {
  const { t } = useI18n();
  return t(`alert.signal.${kind}.sub`, { time: formatDuration(kind === "threshold" ? (within ?? step) : step, t) });
}

function Drawn({ alert, signal, table }: { alert: AlertDetail; signal: AlertSignal; table: boolean }) {
  const i18n = useI18n();
  const { t, language } = i18n;
  const fleet = useHasFleet() === true;
  const changes = useChanges({ env: undefined, group: undefined, from: signal.since, to: signal.until }, fleet).data?.items;
  const versions = useDocVersions("rule", alert.rule_id).data?.items;
  const times = useMemo(() => slotTimes(signal), [signal]);
  const markers = useMemo(
    () => [...changeMarks(changes ?? [], alert.labels["agent_id"], i18n), ...versionMarks(versions ?? [], alert.rule_id, i18n), ...turnMarks(alert, i18n)],
    [changes, versions, alert, i18n],
  );
  const bands = useMemo(() => firingBands(signal), [signal]);
  const panels = useMemo((): PanelSpec[] => {
    const { kind, threshold, values } = signal;
    const told = (value: number): string => (kind === "absence" ? (value === 0 ? "0" : formatDuration(value, t)) : Number.isInteger(value) ? formatCount(value, language) : "");
    return [
      {
        id: kind, name: t(`alert.signal.${kind}`), kind: kind === "events" ? "bars" : "line", height: 168, format: told,
        series: [{ name: t(`alert.signal.${kind}`), color: "--c1", values }],
        ...(threshold === null ? {} : { threshold: { value: threshold, label: t("alert.signal.limit", { value: told(threshold) }) } }),
        ...(kind === "absence" ? { steps: TIME_STEPS } : {}),
      },
    ];
  }, [signal, t, language]);
  const most = Math.max(0, ...signal.values.map((value) => value ?? 0));
  return (
    <>
      <Stack times={times} panels={panels} markers={markers} bands={bands} table={table} label={t("alert.signal.aria", { most: formatCount(most, language), count: signal.spans.length })} />
      {!signal.complete && <p className="dim small">{t("alert.signal.part")}</p>}
    </>
  );
}
