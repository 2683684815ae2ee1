import { type RunDetail, type RunLine, useRunStory } from "../../../api/flows";
import { type I18n, useI18n } from "../../../i18n/context";
import { whyText, wordOf } from "../../../i18n/translate";
import { QueryState } from "../../../ui/QueryState";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";

const TONES: Readonly<Record<string, Tone>> = {
  begun: "run", step_begun: "run", step_waits: "hold", step_succeeded: "ok", step_skipped: "mute", step_failed: "crit", step_cancelled: "mute", step_again: "run",
  undo_begun: "run", undone: "warn", undo_failed: "crit", approved: "ok", refused: "crit", paused: "hold", resumed: "run", cancel_asked: "hold",
  compensate_asked: "hold", compensating: "run", succeeded: "ok", failed: "crit", stuck: "crit", cancelled: "mute", compensated: "warn",
};

/** The whole life of a run, oldest first. */
export function RunStory({ run }: { run: RunDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const query = useRunStory(run.run_id);
  const titles = new Map(run.steps.map(({ id, title }) => [id, title || id]));
  return (
    <div className="pad">
      <QueryState query={query} rows={6} pace="detail">
        {({ items, left_out: left }) => (
          <>
            {left > 0 && <p className="dim small">{t("run.story.left", { count: left })}</p>}
            <ol className="story" aria-label={t("run.view.story")}>
              {items.map((line) => <Line key={line.number} line={line} name={titles.get(line.step) ?? line.step} i18n={i18n} />)}
            </ol>
          </>
        )}
      </QueryState>
    </div>
  );
}

function Line({ line, name, i18n: { language } }: { line: RunLine; name: string; i18n: I18n }) {
  return (
    <li>
      <TimeText at={line.at} />
      <Status tone={TONES[line.what] ?? "mute"}>{wordOf(language, "run.story", line.what)}</Status>
      <span className="el" title={line.who}>{name || wordOf(language, "who", line.who)}</span>
      <span className="story-message">
        {name && line.who && <span className="dim">{wordOf(language, "who", line.who)} </span>}
        {whyText(language, line.message)}
      </span>
    </li>
  );
}
