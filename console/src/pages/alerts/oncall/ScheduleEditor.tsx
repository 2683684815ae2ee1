import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type DocItem, DOCS_KEY } from "../../../api/alertdocs";
import type { Document, Json } from "../../../api/configs";
import { previewShifts } from "../../../api/oncall";
import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { useLater } from "../../../ui/useLater";
import { ConditionLists } from "../../rules/edit/ConditionLists";
import { TextField } from "../../rules/edit/controls";
import { ZONE_LIST } from "../../rules/edit/form";
import { DocForm } from "../docs/DocForm";
import { HoursFields } from "../docs/HoursFields";
import { Faults, Line } from "../rules/fields";
import { useKey } from "../rules/form";
import { CHANNEL_LIST, ReceiverLists } from "./ReceiverLists";
import { ShiftLane } from "./ShiftLane";

const today = (): string => new Date().toISOString().slice(0, 10);
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const number = (typed: string): Json => (/^\d+$/.test(typed) ? Number(typed) : typed);

/** A schedule: who, in which order, how long a turn is; the next two weeks are drawn while it is written. */
export function ScheduleEditor({ doc, close }: { doc: DocItem | undefined; close: () => void }) {
  const { t } = useI18n();
  const start = doc?.document ?? { name: "", zone: zone(), people: [{ name: "" }], channel: "", starts: today(), shift_days: 7, hand_over: "09:00" };
  return (
    <DocForm kind="schedule" doc={doc} start={start} title={doc ? t("rule.edit.title", { name: doc.name }) : t("schedule.new.title")} close={close}>
      {(document, sound) => (
        <>
          <ConditionLists />
          <ReceiverLists />
          <About />
          <People />
          <HoursFields zoned={false} />
          {document["hours"] !== undefined && <Otherwise />}
          {sound && <Ahead document={document} />}
        </>
      )}
    </DocForm>
  );
}

function About() {
  const { t } = useI18n();
  const [name, place, starts, days, over, channel] = [useKey("name"), useKey("zone"), useKey("starts"), useKey("shift_days"), useKey("hand_over"), useKey("channel")];
  return (
    <>
      <Line label={t("rules.col.name")} at={["/name"]}>
        <TextField label={t("rules.col.name")} value={name.value} set={(next) => name.set(next ?? "")} hint="upload-oncall" />
        <TextField label={t("schedule.zone")} className="zone" value={place.value} set={(next) => place.set(next ?? "")} list={ZONE_LIST} />
      </Line>
      <Line label={t("schedule.turns")} at={["/zone", "/starts", "/shift_days", "/hand_over"]}>
        <span>{t("schedule.from")}</span>
        <input className="input fit" type="date" aria-label={t("schedule.from")} value={String(starts.value ?? "")} onChange={(event) => starts.set(event.target.value)} />
        <span>{t("schedule.each")}</span>
        <TextField label={t("schedule.each")} className="short" value={days.value} read={number} set={(next) => days.set(next ?? "")} />
        <span>{t("schedule.days.word")}</span>
        <TextField label={t("schedule.hand_over")} className="short" value={over.value} set={(next) => over.set(next)} hint="00:00" />
        <span>{t("schedule.hand_over.word")}</span>
      </Line>
      <Line label={t("schedule.channel")} at={["/channel"]}>
        <TextField label={t("schedule.channel")} value={channel.value} set={(next) => channel.set(next)} list={CHANNEL_LIST} />
        <span className="dim small">{t("schedule.channel.help")}</span>
      </Line>
    </>
  );
}

function People() {
  const { t } = useI18n();
  const { value, set } = useKey("people");
  const people = (Array.isArray(value) ? value : []).map((one) => (isBlock(one) ? one : {}));
  const put = (at: number, key: string, next: Json | undefined): void =>
    set(people.map((one, index) => {
      if (index !== at) return one;
      const { [key]: _, ...rest } = one;
      return next === undefined ? rest : { ...one, [key]: next };
    }));
  const moved = (at: number): Document[] => people.map((one, index) => (index === at - 1 ? (people[at] ?? one) : index === at ? (people[at - 1] ?? one) : one));
  return (
    <Line label={t("schedule.people")} at={["/people"]}>
      <ol className="schedule-people">
        {people.map((person, at) => (
          <li key={at}>
            <span className="dim num">{at + 1}</span>
            <TextField label={t("schedule.person")} mono={false} value={person["name"]} set={(next) => put(at, "name", next ?? "")} hint={t("schedule.person")} />
            <TextField label={t("schedule.mobile")} value={person["mobile"]} set={(next) => put(at, "mobile", next)} hint={t("schedule.mobile")} />
            <TextField label={t("schedule.email")} value={person["email"]} set={(next) => put(at, "email", next)} hint={t("schedule.email")} />
            <TextField label={t("schedule.own")} value={person["channel"]} set={(next) => put(at, "channel", next)} hint={t("schedule.own")} list={CHANNEL_LIST} />
            <span className="row">
              <button type="button" className="button ghost small square" disabled={at === 0} aria-label={t("cond.up")} title={t("cond.up")} onClick={() => set(moved(at))}><Icon name="up" size={12} /></button>
              <button type="button" className="button ghost small square" disabled={people.length === 1} aria-label={t("schedule.person.remove", { number: at + 1 })} title={t("schedule.person.remove", { number: at + 1 })} onClick={() => set(people.filter((_, index) => index !== at))}><Icon name="x" size={12} /></button>
            </span>
          </li>
        ))}
      </ol>
      <button type="button" className="button ghost small" onClick={() => set([...people, { name: "" }])}>{t("schedule.person.add")}</button>
    </Line>
  );
}

function Otherwise() {
  const { t } = useI18n();
  const { value, set } = useKey("otherwise");
  return (
    <Line label={t("schedule.otherwise")} at={["/otherwise"]}>
      <TextField label={t("schedule.otherwise")} value={value} set={set} list={CHANNEL_LIST} hint={t("schedule.otherwise.hint")} />
    </Line>
  );
}

function Ahead({ document }: { document: Document }) {
  const { t } = useI18n();
  const later = useLater(document, 200);
  const { data } = useQuery({ queryKey: [DOCS_KEY, "schedule", "ahead", later], queryFn: ({ signal }) => previewShifts(later, signal), placeholderData: keepPreviousData, retry: false });
  if (!data) return <Faults at="/people" />;
  return (
    <section className="effect" aria-label={t("schedule.ahead")}>
      <strong>{t("schedule.ahead")}</strong>
      <ShiftLane name={t("schedule.ahead")} shifts={data.shifts} since={data.since} until={data.until} zone={String(document["zone"] ?? "UTC")} />
    </section>
  );
}
