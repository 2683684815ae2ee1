import { useState } from "react";
import { RequestError } from "../../../api/client";
import { useI18n } from "../../../i18n/context";
import { formatBytes } from "../../../i18n/format";
import { Icon } from "../../../ui/Icon";
import { useErrorText } from "../../../ui/StateBlock";
import { Status, type Tone } from "../../../ui/Status";
import { UnreadableError } from "./put";
import { incoming, isEnded, type Job, type JobState, useJobs } from "./queue";

const TONES: Record<JobState, Tone> = { waiting: "mute", sending: "run", checking: "run", done: "ok", failed: "crit", cancelled: "mute" };
const SHOWN = 6;

/** Files on their way to hosts: how far each is, cancel, try again, take the place of what is there. */
export function JobList() {
  const { t } = useI18n();
  const jobs = useJobs();
  const [all, setAll] = useState(false);
  if (!jobs.length) return null;
  const shown = all ? jobs : jobs.slice(-SHOWN);
  return (
    <>
      <ul className="jobs" aria-label={t("incoming.list")}>
        {shown.map((job) => (
          <One key={job.id} job={job} />
        ))}
      </ul>
      <div className="jobs-foot">
        {jobs.length > SHOWN && (
          <button type="button" className="button ghost small" onClick={() => setAll(!all)}>
            {t(all ? "incoming.fewer" : "incoming.all", { count: jobs.length })}
          </button>
        )}
        {jobs.some(isEnded) && (
          <button type="button" className="button ghost small" onClick={() => incoming.clear()}>
            {t("incoming.clear")}
          </button>
        )}
      </div>
    </>
  );
}

function One({ job }: { job: Job }) {
  const { t } = useI18n();
  const { id, file, state, sent, error, replace } = job;
  const moving = state === "sending" || state === "checking";
  return (
    <li>
      <div className="job-head">
        <span className="el grow" title={`${job.directory}/${file.name}`}>
          {file.name}
        </span>
        {moving ? <span className="dim">{t("incoming.progress", { sent: formatBytes(sent), size: formatBytes(file.size) })}</span> : <span className="dim">{formatBytes(file.size)}</span>}
        {!isEnded(job) && (
          <button type="button" className="button ghost small square" aria-label={t("incoming.cancel", { name: file.name })} onClick={() => incoming.cancel(id)}>
            <Icon name="x" size={12} />
          </button>
        )}
      </div>
      {moving && <progress max={Math.max(1, file.size)} value={state === "checking" ? file.size : sent} aria-label={file.name} />}
      <div className="job-state">
        <Status tone={TONES[state]}>{t(`incoming.state.${state}`)}</Status>
        {state === "failed" && <Failure error={error} again={(over) => incoming.retry(id, over || replace)} />}
        {state === "cancelled" && (
          <button type="button" className="button small" onClick={() => incoming.retry(id, replace)}>
            {t("incoming.retry")}
          </button>
        )}
      </div>
    </li>
  );
}

function Failure({ error, again }: { error: unknown; again: (replace: boolean) => void }) {
  const { t } = useI18n();
  const text = useErrorText(error);
  const known = error instanceof RequestError ? error : null;
  const there = known?.code === "file_exists" && known.params["kind"] === "file";
  const why = known?.code === "not_carried" ? t(WHY[known.params["why"] ?? "name"] ?? "incoming.why.name") : "";
  return (
    <>
      <span className="job-why" role="alert">
        {error instanceof UnreadableError ? t("incoming.unread") : text}
        {why}
      </span>
      <button type="button" className="button small" onClick={() => again(there)}>
        {t(there ? "incoming.replace" : "incoming.retry")}
      </button>
    </>
  );
}

const WHY: Record<string, "incoming.why.name" | "incoming.why.directory" | "incoming.why.size"> = {
  name: "incoming.why.name",
  directory: "incoming.why.directory",
  size: "incoming.why.size",
};
