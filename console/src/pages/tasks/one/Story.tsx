import type { StoryLine, TaskDetail } from "../../../api/tasks";
import { useStory } from "../../../api/tasks";
import { type I18n, useI18n } from "../../../i18n/context";
import { whyText, wordOf } from "../../../i18n/translate";
import { QueryState } from "../../../ui/QueryState";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { doerText } from "../columns";

const TONES: Readonly<Record<string, Tone>> = {
  created: "mute", begun: "run", succeeded: "ok", failed: "crit", lost: "crit", timed_out: "crit", timeout: "crit", assign_timeout: "crit", dead: "crit",
  cancelled: "mute", canceled: "mute", cancel_asked: "hold", returned: "mute", retried: "run", compensate_asked: "hold", compensated: "warn", assigned: "run",
  started: "run", progress: "run",
};

/** The whole life of a task, oldest first. */
export function Story({ task }: { task: TaskDetail }) {
  const i18n = useI18n();
  const query = useStory(task.task_id, true);
  return (
    <div className="pad">
      <QueryState query={query} rows={6} pace="detail">
        {(lines) => (
          <ol className="story" aria-label={i18n.t("task.tab.story")}>
            {lines.map((line, index) => (
              <Line key={`${line.at} ${line.what} ${line.attempt_no ?? index}`} line={line} i18n={i18n} />
            ))}
          </ol>
        )}
      </QueryState>
    </div>
  );
}

function Line({ line, i18n: { t, language } }: { line: StoryLine; i18n: I18n }) {
  const what = wordOf(language, "task.story", line.what);
  return (
    <li>
      <TimeText at={line.at} />
      <Status tone={TONES[line.what] ?? "mute"}>
        {line.attempt_no === null || line.run_no === null ? what : t("task.story.attempt", { run: line.run_no, token: line.attempt_no, what })}
      </Status>
      <span className="mono small dim el" title={line.who}>{doerText(wordOf(language, "who", line.who), t)}</span>
      {line.message && <span className="story-message">{whyText(language, line.message)}</span>}
    </li>
  );
}
