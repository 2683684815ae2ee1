import { useMemo, useState } from "react";
import { type Course, type Layer, useCourse } from "../../api/configs";
import { useRange } from "../../app/useRange";
import { useI18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { useServerNow } from "../../live/now";
import { Card } from "../../ui/Card";
import { QueryState } from "../../ui/QueryState";
import { Segments } from "../../ui/Segments";
import { sinceBegun, ticksOf, topLines } from "./course";
import { StackedArea } from "./StackedArea";

const STEP_MS = 60_000;

/** How many agents ran which version over time. */
export function Coverage({ layer }: { layer: Layer }) {
  const { t } = useI18n();
  const range = useRange();
  const minute = Math.floor(useServerNow(STEP_MS) / STEP_MS);
  // a moving range is asked for anew once a minute, not with every drawing
  const { since, until } = useMemo(() => range.instants(), [range.from, range.to, minute]);
  const course = useCourse(layer.layer_id, since, range.moving ? undefined : until);
  const [as, setAs] = useState<"chart" | "table">("chart");
  return (
    <Card
      title={t("coverage.title")}
      tools={
        <Segments
          label={t("coverage.title")}
          value={as}
          options={(["chart", "table"] as const).map((value) => ({ value, label: t(`coverage.${value}`) }))}
          onChange={setAs}
        />
      }
    >
      <div className="pad">
        <QueryState query={course} rows={4}>
          {(found) => {
            const data = sinceBegun(found);
            const lines = topLines(data);
            if (lines.length === 0) return <p className="dim">{t("coverage.empty")}</p>;
            return as === "chart" ? <StackedArea times={data.times} lines={lines} /> : <CourseTable course={data} />;
          }}
        </QueryState>
      </div>
    </Card>
  );
}

const ROWS = 12;

function CourseTable({ course }: { course: Course }) {
  const { t } = useI18n();
  const now = useServerNow(STEP_MS);
  return (
    <div className="scroll-x">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("coverage.time")}</th>
            {course.lines.map(({ version_id, number }) => (
              <th key={version_id} scope="col" className="num">
                {t("version.name", { number })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ticksOf(course.times.length, ROWS).toReversed().map((place) => (
            <tr key={place}>
              <td>{formatClock((course.times[place] ?? 0) * 1000, now)}</td>
              {course.lines.map(({ version_id, agents }) => (
                <td key={version_id} className="num">
                  {agents[place]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
