import type { Shift } from "../../../api/oncall";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { daysOf, stretchesOf } from "./shifts";

const COLORS = 5;
/** Of the whole: a day of which less is shown has no room for its date. */
const LEAST = 0.05;

interface Props {
  name: string;
  shifts: readonly Shift[];
  since: string;
  until: string;
  zone: string;
}

/** The next days of a schedule: who has which stretch, days below; the same as a list for those who do not see it. */
export function ShiftLane({ name, shifts, since, until, zone }: Props) {
  const { t, language } = useI18n();
  const stretches = stretchesOf(shifts, since, until);
  const days = daysOf(since, until, zone, language);
  const say = ({ person, turn, by_override: instead, begins_at: begins, ends_at: ends }: Shift): string =>
    `${person ?? t("schedule.nobody")}${instead && turn ? ` (${t("schedule.instead", { name: turn })})` : ""} · ${formatClock(begins, 0)} – ${formatClock(ends, 0)}`;
  return (
    <div className="shift-lane">
      <ol aria-label={t("schedule.lane", { name })}>
        {stretches.map(({ shift, left, width, color }) => (
          <li
            key={shift.begins_at}
            className={`shift ${color < 0 ? "none" : `c${(color % COLORS) + 1}`} ${shift.by_override ? "instead" : ""}`}
            style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
            title={say(shift)}
          >
            <span className="el" aria-hidden="true">{shift.person ?? ""}</span>
            <span className="sr">{say(shift)}</span>
          </li>
        ))}
      </ol>
      <div className="shift-days" aria-hidden="true">
        {days.map(({ left, label, weekend }, at) => (
          <span key={label} className={weekend ? "weekend" : ""} style={{ left: `${left * 100}%` }}>{(days[at + 1]?.left ?? 1) - left > LEAST ? label : ""}</span>
        ))}
      </div>
    </div>
  );
}
