import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useMay } from "../../../api/account";
import { useBacktest } from "../../../api/backtest";
import { RequestError } from "../../../api/client";
import type { Document } from "../../../api/configs";
import type { BacktestWish, Difference, SeenBacktest, Summary } from "../../../api/rules";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { formatCount, formatDuration } from "../../../i18n/format";
import { useLater } from "../../../ui/useLater";
import { Segments } from "../../../ui/Segments";
import { ErrorBlock, Forbidden } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Differences } from "./Differences";
import { Hits } from "./Hits";
import { Moments } from "./Moments";

interface Props {
  id: string | undefined;
  /** As it is being written, undefined = its draft, or what is in force. */
  rule?: Document | undefined;
  /** The rules in force in another order, instead of one rule. */
  order?: readonly string[] | undefined;
  /** What stands there cannot be asked now. */
  blocked?: boolean;
  /** Hears what came out; null while it runs or when nothing did. */
  told?: (seen: SeenBacktest | null) => void;
}

const DAYS = ["1", "7", "30"] as const;
const QUIET_MS = 600;
const TOLD = 200;

/** The rules in force against the rule as it is written, over recorded events: how often, when, and which events differ. */
export function Backtest({ id, rule, order, blocked = false, told }: Props) {
  const { t, language } = useI18n();
  const may = useMay();
  const [days, setDays] = useState<(typeof DAYS)[number]>("1");
  const [every, setEvery] = useState(1);
  const [round, setRound] = useState(0);
  const later = useLater(rule, QUIET_MS);
  const allowed = may("rules:write");
  const wish = useMemo<BacktestWish | undefined>(
    () => (blocked || !allowed ? undefined : ({ days: Number(days), every, max_differences: TOLD, ...(later ? { rule: later } : {}), ...(order ? { rule_ids: [...order] } : {}) } as BacktestWish)),
    [blocked, allowed, days, every, later, order],
  );
  const found = useBacktest(id, wish, round);
  const { summary, error, running } = found;
  useEffect(() => {
    if (!told) return;
    const { events, sample, gained, lost, moved } = summary ?? {};
    told(summary === undefined || running ? null : ({ days: Number(days), events, sample, gained, lost, moved } as SeenBacktest));
  }, [told, summary, running, days]);
  useKeys([{ key: "r", label: "backtest.again", run: () => setRound((old) => old + 1) }]);
  if (!allowed) return <Forbidden permission="rules:write" />;
  const least = error instanceof RequestError && error.code === "too_many_events" ? Number(error.params["every"]) : NaN;
  return (
    <div className="backtest" aria-busy={found.running}>
      <div className="row wrap">
        <Segments label={t("backtest.days")} value={days} options={DAYS.map((value) => ({ value, label: t("backtest.days.last", { count: Number(value) }) }))} onChange={(next) => (setEvery(1), setDays(next))} />
        <button type="button" className="button small" onClick={() => setRound((old) => old + 1)}>
          {t("backtest.again")}
        </button>
        {found.running ? (
          <Status tone="run">{t("backtest.running", { done: found.done, total: found.total })}</Status>
        ) : (
          summary && <span className="dim">{t(summary.sample ? "backtest.over.sample" : "backtest.over", { count: summary.events, time: formatDuration(summary.took_ms / 1000, t) })}</span>
        )}
      </div>
      {found.running && found.total > 0 && <progress className="backtest-progress" max={found.total} value={found.done} aria-label={t("backtest.progress")} />}
      {blocked && <p className="dim">{t("backtest.blocked")}</p>}
      {Number.isFinite(least) ? (
        <div className="notice warn">
          <Status tone="warn">{t("backtest.many")}</Status>
          <button type="button" className="button small" onClick={() => setEvery(least)}>
            {t("backtest.sample", { every: formatCount(least, language) })}
          </button>
        </div>
      ) : (
        error !== null && <ErrorBlock error={error} retry={() => setRound((old) => old + 1)} />
      )}
      {summary && <Answer summary={summary} differences={found.differences} id={id} />}
    </div>
  );
}

function Answer({ summary, differences, id }: { summary: Summary; differences: readonly Difference[]; id: string | undefined }) {
  const { t, language } = useI18n();
  const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, count) => all + count, 0);
  const mine = summary.tried_before === null ? undefined : summary.rules.find(({ rule_id }) => rule_id === (id ?? "draft"));
  const changed = summary.gained + summary.lost + summary.moved;
  return (
    <>
      {summary.events === 0 && (
        <p className="notice warn">
          <Status tone="warn">{t("backtest.no.events")}</Status>
        </p>
      )}
      <dl className="compare">
        {mine && (
          <Pair name={t("backtest.mine")} before={summary.tried_before ?? 0} after={mine.matched}>
            {mine.shadowed > 0 && <span className="tag warn">{t("backtest.shadowed", { count: mine.shadowed })}</span>}
          </Pair>
        )}
        <div>
          <dt>{t(mine ? "backtest.changed" : "backtest.changed.all")}</dt>
          <dd>
            <strong className="num">{formatCount(changed, language)}</strong>
            <span className="dim small">{t("backtest.changed.how", { gained: summary.gained, lost: summary.lost, moved: summary.moved })}</span>
          </dd>
        </div>
        <Pair name={t("backtest.events")} before={summary.before} after={summary.after} />
        <Pair name={t("backtest.actions")} before={sum(summary.actions_before)} after={sum(summary.actions_after)}>
          <Kinds summary={summary} />
        </Pair>
      </dl>
      <Hits summary={summary} />
      <Moments summary={summary} />
      <Differences summary={summary} differences={differences} />
      <p className="dim small">{t("backtest.readonly")}</p>
    </>
  );
}

function Pair({ name, before, after, children }: { name: string; before: number; after: number; children?: ReactNode }) {
  const { t, language } = useI18n();
  const share = before ? Math.round(((after - before) / before) * 100) : null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong className="num">{formatCount(after, language)}</strong> <span className="dim">{t("backtest.was", { count: before })}</span>{" "}
        <span className={after === before ? "tag" : "tag run"}>{after === before ? t("backtest.same") : share === null ? t("backtest.new") : `${share > 0 ? "+" : "−"}${Math.abs(share)}%`}</span>
        {children}
      </dd>
    </div>
  );
}

/** Actions by kind, where there are several. */
function Kinds({ summary }: { summary: Summary }) {
  const { t } = useI18n();
  const kinds = [...new Set([...Object.keys(summary.actions_before), ...Object.keys(summary.actions_after)])].toSorted();
  if (!kinds.length) return null;
  return (
    <span className="dim small">
      {kinds.map((kind) => `${kind} ${t("backtest.kind", { before: summary.actions_before[kind] ?? 0, after: summary.actions_after[kind] ?? 0 })}`).join(" · ")}
    </span>
  );
}
