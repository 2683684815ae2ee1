import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FleetOverview } from "../../../api/fleet";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatCount, formatDuration, formatRate } from "../../../i18n/format";
import { Spark, thin } from "../../../ui/Spark";
import { Status, type Tone } from "../../../ui/Status";
import { formatPct } from "../../agents/words";
import { column, known } from "./flow";
import { LEVEL_TONE } from "./words";

const POINTS = 40;
const MINUTE_S = 60;

/** The way of the files through the fleet: rate, the number that matters, its state and its last hours. */
export function DataPath({ now }: { now: FleetOverview }) {
  const { t, language } = useI18n();
  const { collect, queue, upload, points, step_s: step } = now;
  // one point has no shape
  const shape = (values: (number | null)[]): number[] => (known(values).length > 1 ? thin(known(values), POINTS) : []);
  const waiting = queue.queued + queue.sending + queue.waiting;
  const ratio = upload.success_ratio;
  const stages = ["collect", "queue", "upload"] as const;
  useKeys(stages.map((name, index) => ({ key: String(index + 1), label: `fleet.key.${name}` as const, run: () => document.getElementById(`stage-${name}`)?.querySelector("a")?.focus() })));
  return (
    <section className="card pipe fleet-pipe" aria-label={t("pipe.label")}>
      <Stage
        id="collect"
        name={t("fleet.collect")}
        tone={LEVEL_TONE[collect.state]}
        word={t(`fleet.collect.${collect.state}`)}
        value={formatRate(collect.files_per_s * MINUTE_S)}
        unit={t("fleet.collect.unit")}
        sub={t("fleet.collect.sub", { on: collect.in_contact, of: collect.agents })}
        search={collect.state === "ok" ? {} : { finding: ["agents_offline"] }}
      >
        <Spark values={shape(column(points, ({ ended }) => ended / step))} color="var(--c1)" />
      </Stage>
      <Stage
        id="queue"
        name={t("fleet.queue")}
        tone={LEVEL_TONE[queue.state]}
        word={t(`fleet.queue.${queue.state}`)}
        value={formatCount(waiting, language)}
        unit={t("fleet.queue.unit")}
        sub={queue.oldest_wait_s === null ? t("pipe.queue.none") : t("fleet.queue.sub", { oldest: formatDuration(queue.oldest_wait_s, t), dead: queue.dead })}
        search={queue.state === "ok" ? { sort: "-queued" } : { finding: ["queue_wait"], sort: "-queued" }}
      >
        <Spark values={shape(column(points, ({ backlog_files: files }) => files))} color={queue.state === "ok" ? "var(--c1)" : `var(--${queue.state}-f)`} />
      </Stage>
      <Stage
        id="upload"
        name={t("fleet.upload")}
        tone={LEVEL_TONE[upload.state]}
        word={t(`fleet.upload.${upload.state}`)}
        value={ratio === null ? t("none") : formatPct(Number((ratio * 100).toFixed(2)))}
        unit={t("fleet.upload.unit")}
        sub={t("fleet.upload.sub", { done: upload.done, bytes: formatBytes(upload.done_bytes), failed: upload.failed_attempts })}
        search={upload.state === "ok" ? { sort: "-failed" } : { finding: ["failures"], sort: "-failed" }}
      >
        <Spark values={shape(column(points, ({ done_bytes: bytes }) => bytes / step))} color={upload.state === "ok" ? "var(--c3)" : `var(--${upload.state}-f)`} />
      </Stage>
    </section>
  );
}

interface StageProps {
  id: string;
  name: string;
  tone: Tone;
  word: string;
  value: string;
  unit: string;
  sub: string;
  /** Of the list of agents that it leads to. */
  search: Record<string, string | string[]>;
  children: ReactNode;
}

function Stage({ id, name, tone, word, value, unit, sub, search, children }: StageProps) {
  return (
    <div id={`stage-${id}`} className={tone === "warn" || tone === "crit" ? tone : ""}>
      <h2 className="stage-name">
        <Link to="/agents" search={search as never}>
          {name}
        </Link>
        <Status tone={tone}>{word}</Status>
      </h2>
      <p className="big">
        {value}
        <span className="unit">{unit}</span>
      </p>
      <p className="small dim el" title={sub}>
        {sub}
      </p>
      {children}
    </div>
  );
}
