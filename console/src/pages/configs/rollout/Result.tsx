import { useMemo, useState } from "react";
import { type Move, type RolloutDetail, type RolloutWork, useMoves, useRolloutWork } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatCount, formatDuration } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { formatShare } from "../../../ui/rollout/Gates";
import { Segments } from "../../../ui/Segments";
import { Stack } from "../../../ui/Stack";
import type { PanelSpec } from "../../../ui/stack/model";
import "../../../styles/domain.css";
import { bytesPerS, filesPerMin, isWorse, markersOf, secondsOf } from "./result";

/** How uploads went at the agents that were reached, before it began and since: two sums and the course. */
export function Result({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useI18n();
  const query = useRolloutWork(rollout.rollout_id, rollout.status);
  const moves = useMoves(rollout.rollout_id, rollout.status).data?.items;
  const [as, setAs] = useState<"chart" | "table">("chart");
  const span = formatDuration(query.data?.length_s ?? 0, t);
  return (
    <Card
      title={t("rollout.result")}
      {...(query.data ? { sub: t("rollout.result.help", { span, count: query.data.agents_count }) } : {})}
      tools={
        <Segments
          label={t("rollout.result")}
          value={as}
          options={(["chart", "table"] as const).map((value) => ({ value, label: t(`coverage.${value}`) }))}
          onChange={setAs}
        />
      }
    >
      <QueryState query={query} rows={5}>
        {(work) => (
          <>
            <Sums work={work} />
            <div className="pad">
              <Course work={work} moves={moves ?? []} table={as === "table"} />
            </div>
          </>
        )}
      </QueryState>
    </Card>
  );
}

function Sums({ work }: { work: RolloutWork }) {
  const { t, language } = useI18n();
  const { before, after, length_s: length } = work;
  return (
    <dl className="before-after">
      {([["before", before], ["after", after]] as const).map(([key, one]) => {
        const attempts = one.done + one.failed_attempts;
        const worse = key === "after" && isWorse(before, after);
        return (
          <div key={key}>
            <dt className="dim">{t(`rollout.result.${key}`)}</dt>
            <dd>
              <span className={worse ? "big status crit" : "big"}>{attempts ? formatShare(one.failed_attempts / attempts) : t("rollout.result.none")}</span>
              {attempts > 0 && (
                <span className="dim">
                  {t("rollout.result.count", { failed: formatCount(one.failed_attempts, language), all: formatCount(attempts, language) })}
                </span>
              )}
              {attempts > 0 && (
                <span className="dim">
                  {t("rollout.result.rate", { files: formatCount(Math.round(filesPerMin(one.done, length) * 10) / 10, language), bytes: formatBytes(bytesPerS(one.done_bytes, length)) })}
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Course({ work, moves, table }: { work: RolloutWork; moves: readonly Move[]; table: boolean }) {
  const { t, language } = useI18n();
  const { points, step_s: step } = work;
  const times = useMemo(() => points.map(({ at }) => secondsOf(at)), [points]);
  const panels = useMemo(
    (): PanelSpec[] => [
      {
        id: "failed", name: t("rollout.result.failed"), kind: "line", height: 110, format: (value) => formatShare(value / 100),
        series: [{ name: t("rollout.result.failed"), color: "--crit-f", values: points.map(({ failed_ratio: ratio }) => (ratio === null ? null : ratio * 100)) }],
      },
      {
        id: "files", name: t("rollout.result.files"), kind: "bars", height: 110,
        format: (value) => formatCount(Math.round(value * 10) / 10, language),
        series: [{ name: t("rollout.result.files"), color: "--c1", values: points.map(({ done }) => filesPerMin(done, step)) }],
      },
    ],
    [points, step, t, language],
  );
  const markers = useMemo(() => markersOf(work, moves, t), [work, moves, t]);
  const said = t("rollout.result.aria", { before: work.before.failed_attempts, after: work.after.failed_attempts });
  return <Stack times={times} panels={panels} markers={markers} table={table} label={said} />;
}
