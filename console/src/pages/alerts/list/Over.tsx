import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type AlertHistogram, type AlertTelling, type AlertWish, useAlertHistogram } from "../../../api/alerts";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { formatClock, formatCount, formatDuration } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { SPANS, STATUSES, TELLINGS } from "../routes";
import { stretchOf } from "./filters";

const COLOR: Readonly<Record<AlertTelling, string>> = { told: "--c1", held: "--c4", noted: "--mute-f" };

/** How many began when, and whether people were told: the shape of the trouble; a bar narrows the list. */
export function Over({ state, wish }: { state: ListState; wish: AlertWish }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { over = "24h" } = useSearch({ from: "/alerts" });
  const { severity, rule, label, owner, text, group } = wish;
  const asked = useMemo(() => ({ severity, rule, label, owner, group, ...(text ? { text } : {}) }) as AlertWish, [state.id]);
  const query = useAlertHistogram(asked, `now-${over}`);
  const step = query.data?.step_s;
  return (
    <Card
      title={t("alerts.over")}
      {...(step === undefined ? {} : { sub: t("alerts.over.sub", { time: formatDuration(step, t) }) })}
      tools={
        <Segments
          label={t("alerts.over.span")}
          value={over}
          options={SPANS.map((value) => ({ value, label: t(`alerts.over.${value}`) }))}
          onChange={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, over: next === "24h" ? undefined : next })) as never, resetScroll: false })}
        />
      }
    >
      <div className="pad">
        <QueryState query={query} rows={3} pace="list">
          {(data) => <Bars data={data} state={state} />}
        </QueryState>
      </div>
    </Card>
  );
}

function Bars({ data, state }: { data: AlertHistogram; state: ListState }) {
  const { t, language } = useI18n();
  const [place, setPlace] = useState<number>();
  const now = serverNow();
  const { told, step_s: step } = data;
  const begin = Date.parse(data.since);
  const sums = told.map((_, at) => TELLINGS.reduce((sum, one) => sum + (data[one][at] ?? 0), 0));
  const top = Math.max(1, ...sums);
  const all = (one: AlertTelling): number => (place === undefined ? data[one].reduce((sum, many) => sum + many, 0) : (data[one][place] ?? 0));
  const momentOf = (at: number): number => begin + at * step * 1000;
  const narrow = (at: number): void => state.set({ began: [stretchOf(momentOf(at), momentOf(at + 1))], status: [...STATUSES], held: undefined });
  const [chosen] = state.values("began");
  const when = (at: number): string => `${formatClock(momentOf(at), now)} – ${formatClock(momentOf(at + 1), now)}`;
  return (
    <div className="over">
      <p className="over-words">
        <span className="dim">{place === undefined ? t("alerts.over.all") : when(place)}</span>
        {TELLINGS.map((one) => (
          <button key={one} type="button" className="over-part" aria-pressed={state.values("telling").includes(one)} onClick={() => state.set(state.values("telling").includes(one) ? { telling: undefined } : { telling: [one], status: [...STATUSES] })}>
            <i style={{ background: `var(${COLOR[one]})` }} aria-hidden="true" />
            {t(`alerts.telling.${one}`)} <b>{formatCount(all(one), language)}</b>
          </button>
        ))}
      </p>
      <div className="over-plot" role="img" aria-label={t("alerts.over.label", { told: all("told"), held: all("held"), noted: all("noted"), top: formatCount(top, language) })} onPointerLeave={() => setPlace(undefined)}>
        {sums.map((sum, at) => (
          <span key={at} className={`over-bar${at === place ? " on" : ""}${chosen === stretchOf(momentOf(at), momentOf(at + 1)) ? " chosen" : ""}`} onPointerEnter={() => setPlace(at)} onClick={() => sum > 0 && narrow(at)} title={sum > 0 ? t("alerts.over.narrow") : undefined}>
            {TELLINGS.toReversed().map((one) => <i key={one} style={{ height: `${((data[one][at] ?? 0) / top) * 100}%`, background: `var(${COLOR[one]})` }} />)}
            {sum === 0 && <b />}
          </span>
        ))}
      </div>
      <div className="over-axis dim" aria-hidden="true">
        {[0, 1, 2, 3].map((part) => <span key={part}>{formatClock(momentOf(Math.round((part * sums.length) / 4)), now)}</span>)}
        <span>{t("alerts.over.now")}</span>
      </div>
    </div>
  );
}
