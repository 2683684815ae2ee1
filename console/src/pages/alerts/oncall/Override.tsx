import { useState } from "react";
import { type DocItem, useRenewDocs } from "../../../api/alertdocs";
import { HANDLE } from "../../../api/alerts";
import { endOverride, type OnCall, takeOver } from "../../../api/oncall";
import { useI18n } from "../../../i18n/context";
import { formatClock } from "../../../i18n/format";
import { serverNow } from "../../../live/now";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { isBlock } from "../../../ui/edit/places";
import { useMayWhy } from "../../../ui/useMayWhy";
import { fieldOf, momentsOf } from "../silences/span";

const peopleOf = (doc: DocItem | undefined): string[] =>
  (Array.isArray(doc?.document["people"]) ? doc.document["people"] : []).flatMap((one) => (isBlock(one) && typeof one["name"] === "string" ? [one["name"]] : []));

/** Somebody takes the turn of others for a while. */
export function Override({ one, doc, close }: { one: OnCall; doc: DocItem | undefined; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewDocs();
  const [now] = useState(serverNow);
  const [person, setPerson] = useState(() => peopleOf(doc).find((name) => name !== one.now?.name) ?? "");
  const [begin, setBegin] = useState(fieldOf(now));
  const [end, setEnd] = useState(fieldOf(now + 86_400_000));
  const moments = momentsOf({ begin, length: "own", end }, now);
  return (
    <ActionDialog
      title={t("schedule.override.title", { name: one.name })}
      act={person ? t("schedule.override.act", { name: person }) : t("schedule.override")}
      close={close}
      ready={person !== "" && moments !== null}
      preview={async () => ({ risk: "low" as const, wayBack: t("schedule.override.back") })}
      suggestions={[t("schedule.suggest.leave"), t("schedule.suggest.swap")]}
      run={async (order) => {
        const done = await takeOver(one.schedule_id, { person, ...(moments ?? { begins_at: "", ends_at: "" }) }, { ...order, revision: undefined });
        renew();
        return done;
      }}
      done={() => t("schedule.override.done", { name: person })}
    >
      <div className="silence-when">
        <label>
          <span>{t("schedule.override.who")}</span>
          <select className="input fit" value={person} onChange={(event) => setPerson(event.target.value)}>
            {peopleOf(doc).map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <label>
          <span>{t("silence.begins")}</span>
          <input className="input fit" type="datetime-local" value={begin} onChange={(event) => setBegin(event.target.value)} />
        </label>
        <label>
          <span>{t("silence.ends")}</span>
          <input className="input fit" type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} />
        </label>
      </div>
      {moments === null && <p className="field-error">{t("silence.span.bad")}</p>}
    </ActionDialog>
  );
}

/** A moment of a schedule: with an offset it is told in the reader's zone, without one as the clocks of the schedule show it. */
const said = (at: string): string => (/(Z|[+-]\d\d:?\d\d)$/.test(at) ? formatClock(at, 0) : at.slice(0, 16).replace("T", " "));

/** Who takes over from whom, as far as it is not past, and the way to take it back. */
export function Overrides({ doc }: { doc: DocItem }) {
  const { t } = useI18n();
  const why = useMayWhy()(HANDLE);
  const renew = useRenewDocs();
  const [ending, setEnding] = useState<{ place: number; person: string } | null>(null);
  const some = Array.isArray(doc.document["overrides"]) ? doc.document["overrides"] : [];
  const left = some.flatMap((one, place) => (isBlock(one) && Date.parse(String(one["to"])) > Date.now() ? [{ place, person: String(one["person"]), from: String(one["from"]), to: String(one["to"]) }] : []));
  if (left.length === 0) return null;
  return (
    <ul className="oncall-overrides">
      {left.map(({ place, person, from, to }) => (
        <li key={place}>
          <span className="tag hold">{t("schedule.override")}</span>
          <strong>{person}</strong>
          <span className="dim">{said(from)} – {said(to)}</span>
          <button type="button" className="button small ghost" disabled={why !== undefined} title={why} onClick={() => setEnding({ place, person })}>{t("schedule.override.end")}</button>
        </li>
      ))}
      {ending && (
        <ActionDialog
          title={t("schedule.override.end.title", { name: ending.person })}
          act={t("schedule.override.end")}
          close={() => setEnding(null)}
          preview={async () => ({ wayBack: t("schedule.override.again") })}
          run={async (order) => {
            const done = await endOverride(doc.id, ending, { ...order, revision: undefined });
            renew();
            return done;
          }}
          done={() => t("schedule.override.ended")}
        >
          <p>{t("schedule.override.end.text")}</p>
        </ActionDialog>
      )}
    </ul>
  );
}
