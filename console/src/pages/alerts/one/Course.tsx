import { useMemo, useState } from "react";
import { addNote, type AlertDetail, type AlertNote, type AlertStep, HANDLE, useRenewAlerts } from "../../../api/alerts";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { useServerNow } from "../../../live/now";
import { orderOf } from "../../../ui/action/order";
import { Card } from "../../../ui/Card";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Glyph } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { Rich } from "../Rich";
import { personOf, sayStep, stepTone } from "../words";

const MOST = 4_000;

type Entry = { at: string; step: AlertStep } | { at: string; note: AlertNote };

/** Everything that happened to it and what people wrote down, the newest first. */
export function Course({ alert }: { alert: AlertDetail }) {
  const { t } = useI18n();
  const why = useMayWhy()(HANDLE);
  const [writing, setWriting] = useState(false);
  const begin = (): void => setWriting(why === undefined);
  useKeys([{ key: "c", label: "alert.note.add", run: (event) => (event.preventDefault(), begin()) }]);
  const { steps, notes } = alert;
  const entries = useMemo(
    () => [...notes.map((note): Entry => ({ at: note.at, note })), ...steps.map((step): Entry => ({ at: step.at, step })).toReversed()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)),
    [steps, notes],
  );
  return (
    <Card
      title={t("alert.history")}
      tools={!writing && <button type="button" className="button ghost small" disabled={why !== undefined} title={why} onClick={begin}>{t("alert.note.add")}<kbd>C</kbd></button>}
    >
      {writing && <Writing alertId={alert.alert_id} close={() => setWriting(false)} />}
      <ol className="alert-history">
        {entries.map((entry, at) => (
          <li key={entries.length - at}>
            <TimeText at={entry.at} />
            {"note" in entry ? <Noted note={entry.note} /> : <Happened step={entry.step} rule={alert.rule_name} />}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Happened({ step, rule }: { step: AlertStep; rule: string }) {
  const i18n = useI18n();
  const now = useServerNow(60_000);
  const tone = stepTone(step);
  const values = { ...step.values, ...(step.stage === "rule" ? { rule } : {}) };
  return (
    <>
      <span className={`status ${tone}`}><Glyph tone={tone} size={11} /></span>
      <span><Rich text={sayStep({ ...step, values }, i18n, now)} /></span>
    </>
  );
}

function Noted({ note: { by, text } }: { note: AlertNote }) {
  const { t } = useI18n();
  return (
    <>
      <span className="status run"><Glyph tone="run" size={11} /></span>
      <span className="alert-note"><strong>{t("alert.note.by", { who: personOf(by) })}</strong>{text}</span>
    </>
  );
}

/** A few words for whoever looks at it next; they stay, and stand in the audit. */
function Writing({ alertId, close }: { alertId: string; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewAlerts();
  const [text, setText] = useState("");
  const [order] = useState(() => orderOf(""));
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const save = async (): Promise<void> => {
    if (state.busy || text.trim() === "") return;
    setState({ busy: true, error: null });
    try {
      await addNote(alertId, text, order);
      Toast.done(t("alert.note.done"));
      renew();
      close();
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  return (
    <form className="alert-writing" onSubmit={(event) => (event.preventDefault(), void save())}>
      <textarea
        className="input"
        autoFocus
        rows={3}
        maxLength={MOST}
        aria-label={t("alert.note")}
        placeholder={t("alert.note.hint")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.nativeEvent.isComposing) close();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }}
      />
      {state.error !== null && <ErrorBlock error={state.error} retry={() => void save()} />}
      <div className="row">
        <button type="submit" className="button small primary" disabled={text.trim() === ""} aria-busy={state.busy}>{t("alert.note.save")}</button>
        <button type="button" className="button small" onClick={close}>{t("alert.note.cancel")}</button>
      </div>
    </form>
  );
}
