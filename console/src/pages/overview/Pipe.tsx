import type { ReactNode } from "react";
import type { Overview } from "../../api/client";
import { type I18n, useI18n } from "../../i18n/context";
import { formatBytes, formatCount, formatDuration, formatRate } from "../../i18n/format";
import { Spark, thin } from "../../ui/Spark";
import { Status } from "../../ui/Status";
import { hourOf } from "./hour";
import {
  doneStage,
  failStage,
  pendingOf,
  queueStage,
  type Stage,
  sendStage,
  watchStage,
} from "./judge";

/** The way of a file: per stage the number that matters, its state, and the shape of the last hour. */
export function Pipe({ now }: { now: Overview }) {
  const { t, language } = useI18n();
  const { queue, rates, stores, watches } = now;
  const pending = pendingOf(queue);
  const total = (pick: (store: Overview["stores"][number]) => number): number =>
    stores.reduce((sum, store) => sum + pick(store), 0);
  const hour = hourOf(now);
  const fail = failStage(hour);
  const shape = (pick: "files" | "bytes" | "failed"): number[] =>
    thin(
      hour.slots.map((slot) => (slot[pick] ?? 0) / slot.seconds),
      40,
    );
  return (
    <section className="card pipe" aria-label={t("pipe.label")}>
      <Tile
        name={t("pipe.watch")}
        stage={watchStage(now)}
        value={formatCount(
          directoriesOf(watches),
          language,
        )}
        unit={t("pipe.watch.unit")}
        sub={watched(now, t)}
      >
        {queue.settling > 0 && (
          <p className="small dim under">{t("pipe.watch.settling", { count: queue.settling })}</p>
        )}
      </Tile>
      <Tile
        name={t("pipe.queue")}
        clogs
        stage={queueStage(now)}
        value={formatCount(pending, language)}
        unit={t("pipe.queue.unit")}
        sub={
          pending
            ? t("pipe.queue.sub", {
                bytes: formatBytes(queue.pending_bytes),
                oldest: formatDuration(queue.oldest_wait_s ?? 0, t),
              })
            : t("pipe.queue.none")
        }
      >
        <Level queue={queue} />
      </Tile>
      <Tile
        name={t("pipe.send")}
        clogs
        stage={sendStage(now)}
        value={formatRate(rates.files_per_s)}
        unit={t("pipe.send.unit")}
        sub={t("pipe.send.sub", {
          rate: formatBytes(rates.bytes_per_s),
          sending: total((store) => store.sending),
          workers: total((store) => store.workers),
        })}
      >
        <Spark values={shape("files")} color="var(--c1)" />
      </Tile>
      <Tile
        name={t("pipe.fail")}
        clogs
        stage={fail}
        value={formatCount(hour.failed, language)}
        unit={t("pipe.fail.unit")}
        sub={t("pipe.fail.sub", { waiting: queue.waiting, dead: queue.dead })}
      >
        <Spark
          values={shape("failed")}
          color={fail.tone === "ok" ? "var(--mute-f)" : "var(--crit-f)"}
        />
      </Tile>
      <Tile
        name={t("pipe.done")}
        stage={doneStage(now)}
        value={formatCount(queue.done_total, language)}
        unit={t("pipe.done.unit")}
        sub={t("pipe.done.sub", { files: hour.files, bytes: formatBytes(hour.bytes) })}
      >
        <Spark values={shape("bytes")} color="var(--c3)" />
      </Tile>
    </section>
  );
}

const directoriesOf = (watches: Overview["watches"]): number =>
  watches.reduce((sum, watch) => sum + watch.directories, 0);

/** How many trees; nothing when each is one directory, for the big number has said it. */
function watched({ watches }: Overview, t: I18n["t"]): string {
  const bad = watches.filter((watch) => watch.state === "missing" || watch.state === "denied").length;
  if (bad) return t("pipe.watch.bad", { trees: watches.length, bad });
  return directoriesOf(watches) === watches.length ? "" : t("pipe.watch.sub", { trees: watches.length });
}

interface TileProps {
  name: string;
  stage: Stage;
  value: string;
  unit: string;
  sub: string;
  /** A stage that can hold up the others is washed when it does. */
  clogs?: boolean;
  children?: ReactNode;
}

function Tile({ name, stage, value, unit, sub, clogs = false, children }: TileProps) {
  const { t } = useI18n();
  const washed = clogs && (stage.tone === "warn" || stage.tone === "crit") ? stage.tone : "";
  return (
    <div className={washed}>
      <h2 className="stage-name">
        <span>{name}</span>
        <Status tone={stage.tone}>{t(`pipe.state.${stage.word}`)}</Status>
      </h2>
      <p className="big">
        {value}
        <span className="unit">{unit}</span>
      </p>
      {sub && (
        <p className="small dim el" title={sub}>
          {sub}
        </p>
      )}
      {children}
    </div>
  );
}

/** Share of the bar's width that the high-water mark stands at. */
const MARK_PCT = 80;

function Level({ queue }: { queue: Overview["queue"] }) {
  const { t, language } = useI18n();
  const label = t("pipe.queue.level", {
    level: `${Number(queue.level_pct.toFixed(queue.level_pct < 10 ? 1 : 0))}%`,
    limit: formatCount(queue.high_water_files, language),
  });
  const width = Math.min(100, (queue.level_pct * MARK_PCT) / 100);
  const tone = queue.level_pct >= 100 ? "crit" : queue.level_pct >= 80 ? "warn" : "";
  return (
    <div className="level">
      <div className="bar">
        <i className={tone} style={{ width: `${width}%` }} />
        <b style={{ left: `${MARK_PCT}%` }} />
      </div>
      <p className="small dim el" title={label}>
        {label}
      </p>
    </div>
  );
}
