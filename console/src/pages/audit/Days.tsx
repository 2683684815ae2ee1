import { useState } from "react";
import type { Summary } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { Card } from "../../ui/Card";
import { QueryState } from "../../ui/QueryState";
import { columnsOf, type Day, KINDS } from "./days";
import { dayOf } from "./sentence";

const COLOR: Record<(typeof KINDS)[number], string> = { people: "--c1", programs: "--c4", agents: "--c3", system: "--mute-f" };

interface Props {
  query: { data: Summary | undefined; error: Error | null; dataUpdatedAt: number; refetch: () => unknown };
  /** The range that is shown. */
  since: string;
  until: string;
}

const nameOf = ({ day, until }: Day): string => (day === until ? day : `${day} – ${until}`);

/** How many actions a day, by kind of actor; the pointer reads one day. */
export function Days({ query, since, until }: Props) {
  const { t, language } = useI18n();
  const [place, setPlace] = useState<number>();
  const total = query.data && t(query.data.complete ? "audit.days.total" : "audit.days.least", { count: query.data.total });
  return (
    <Card title={t("audit.days")} sub={total}>
      <div className="pad">
        <QueryState query={query} rows={3}>
          {(data) => {
            const days = columnsOf(data, dayOf(since), dayOf(until));
            const top = Math.max(1, ...days.map(({ all }) => all));
            const shown = days[place ?? days.length - 1];
            if (!shown) return null;
            const parts = KINDS.filter((kind) => days.some(({ counts }) => counts[kind] > 0));
            const words = parts.map((kind) => t("audit.days.part", { who: wordOf(language, "audit.kind", kind), count: formatCount(shown.counts[kind], language) }));
            return (
              <div className="days">
                <p className="days-words">
                  <span className="dim">{nameOf(shown)}</span>
                  {shown.unknown && <span className="dim">{t("audit.days.unknown")}</span>}
                  {parts.map((kind, index) => (
                    <span key={kind}>
                      <i style={{ background: `var(${COLOR[kind]})` }} aria-hidden="true" />
                      {words[index]}
                    </span>
                  ))}
                </p>
                <div className="days-plot" role="img" aria-label={t("audit.days.label", { last: `${nameOf(shown)} ${words.join(t("coverage.join"))}` })} onPointerLeave={() => setPlace(undefined)}>
                  {days.map(({ day, counts, all, unknown }, index) => (
                    <span key={day} className={index === place ? "days-bar on" : "days-bar"} onPointerEnter={() => setPlace(index)}>
                      {parts.toReversed().map((kind) => (
                        <i key={kind} style={{ height: `${(counts[kind] / top) * 100}%`, background: `var(${COLOR[kind]})` }} />
                      ))}
                      {all === 0 && <b className={unknown ? "unknown" : ""} />}
                    </span>
                  ))}
                </div>
                <div className="days-axis dim" aria-hidden="true">
                  <span>{days[0]?.day.slice(5)}</span>
                  <span>{days.at(-1)?.until.slice(5)}</span>
                </div>
              </div>
            );
          }}
        </QueryState>
      </div>
    </Card>
  );
}
