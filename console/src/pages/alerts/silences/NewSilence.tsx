import { useState } from "react";
import { makeSilence, previewSilence, type SilencePreview, useRenewSilences } from "../../../api/silences";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Preview } from "../../../ui/action/types";
import { Status } from "../../../ui/Status";
import { useLater } from "../../../ui/useLater";
import { lengthText, SEVERITY_TONE } from "../words";
import { fieldOf, LENGTHS, type Length, momentsOf, secondsOf, type Span } from "./span";

const QUIET_MS = 400;
const NAMED = 8;

interface Props {
  /** Selector that it begins with. */
  start: string;
  close: () => void;
}

/** What is to be silenced, for how long and why; the open alerts that it would hold back are told first. */
export function NewSilence({ start, close }: Props) {
  const { t } = useI18n();
  const renew = useRenewSilences();
  const [selector, setSelector] = useState(start);
  const [span, setSpan] = useState<Span>({ begin: "", length: "1h", end: "" });
  const [opened] = useState(serverNow);
  const typed = useLater(selector.trim(), QUIET_MS);
  const moments = momentsOf(span, opened);
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const found = await previewSilence(typed, signal);
    return { picture: <Impact found={found} />, risk: found.alerts.some(({ severity }) => severity === "critical") ? "medium" : "low", wayBack: t("silence.back") };
  };
  return (
    <ActionDialog
      title={t("silence.new.title")}
      act={moments ? t("silence.new.act", { time: lengthText((Date.parse(moments.ends_at) - Date.parse(moments.begins_at)) / 1000, t) }) : t("silence.new")}
      close={close}
      ready={typed !== "" && typed === selector.trim() && moments !== null}
      preview={ahead}
      previewKey={typed}
      reason="required"
      suggestions={[t("silence.suggest.maintenance"), t("silence.suggest.known"), t("silence.suggest.test")]}
      run={async (order) => {
        const { begins_at: begins, ends_at: ends } = momentsOf(span, serverNow()) ?? { begins_at: "", ends_at: "" };
        const made = await makeSilence({ selector: typed, ends_at: ends, ...(span.begin === "" ? {} : { begins_at: begins }) }, order);
        renew();
        return made;
      }}
      done={() => t("silence.made")}
    >
      <div className="form-row">
        <label>
          <span>{t("silence.selector")}</span>
          <input className="input mono" value={selector} placeholder={t("silence.selector.hint")} spellCheck={false} autoComplete="off" onChange={(event) => setSelector(event.target.value)} />
        </label>
        <p className="hint">{t("silence.selector.help")}</p>
      </div>
      <When span={span} set={setSpan} now={opened} />
      {moments === null && <p className="field-error">{t("silence.span.bad")}</p>}
    </ActionDialog>
  );
}

function When({ span, set, now }: { span: Span; set: (span: Span) => void; now: number }) {
  const { t } = useI18n();
  const lengths: readonly Length[] = [...LENGTHS, "own"];
  return (
    <div className="silence-when">
      <label>
        <span>{t("silence.begins")}</span>
        <span className="row">
          <select className="input fit" aria-label={t("silence.begins.how")} value={span.begin === "" ? "now" : "later"} onChange={(event) => set({ ...span, begin: event.target.value === "now" ? "" : fieldOf(now + 3_600_000) })}>
            <option value="now">{t("silence.begins.now")}</option>
            <option value="later">{t("silence.begins.later")}</option>
          </select>
          {span.begin !== "" && <input className="input fit" type="datetime-local" aria-label={t("silence.begins")} value={span.begin} onChange={(event) => set({ ...span, begin: event.target.value })} />}
        </span>
      </label>
      <div className="silence-length" role="group" aria-label={t("silence.length")}>
        <span>{t("silence.length")}</span>
        <span className="chips">
          {lengths.map((length) => (
            <button key={length} type="button" className="chip" aria-pressed={span.length === length} onClick={() => set({ ...span, length, end: length === "own" ? fieldOf(now + 7_200_000) : "" })}>
              {length === "own" ? t("silence.length.own") : lengthText(secondsOf(length), t)}
            </button>
          ))}
          {span.length === "own" && <input className="input fit" type="datetime-local" aria-label={t("silence.ends")} value={span.end} onChange={(event) => set({ ...span, end: event.target.value })} />}
        </span>
      </div>
    </div>
  );
}

/** Which open alerts would be told to nobody, and how many like these there were lately. */
function Impact({ found }: { found: SilencePreview }) {
  const { t } = useI18n();
  const { covered, newly_held: newly, open, alerts } = found;
  const recent = Object.values(found.recent).reduce((all, count) => all + count, 0);
  return (
    <div className="silence-impact">
      <strong>{covered === 0 ? t("silence.impact.none") : t("silence.impact", { count: covered, open })}</strong>
      {covered > newly && <p className="dim">{t("silence.impact.held", { count: covered - newly })}</p>}
      {covered > 0 && covered === open && open > 1 && <Status tone="warn">{t("silence.impact.all")}</Status>}
      <ul>
        {alerts.slice(0, NAMED).map((alert) => (
          <li key={alert.alert_id}>
            <Status tone={SEVERITY_TONE[alert.severity]} bare>{t(`severity.${alert.severity}`)}</Status>
            <span className="el" title={alert.title}>{alert.title}</span>
            <span className="dim">{formatClock(alert.started_at, Date.now())}</span>
          </li>
        ))}
        {covered > NAMED && <li className="dim">{t("silence.impact.more", { count: covered - NAMED })}</li>}
      </ul>
      <p className="dim">{t("silence.impact.recent", { count: recent, all: found.recent_all })}</p>
    </div>
  );
}
