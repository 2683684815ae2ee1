import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { HANDLE } from "../../../api/alerts";
import { endSilence, fetchSilences, type Silence, SILENCES_KEY, type SilenceState, useRenewSilences, useSilences } from "../../../api/silences";
import { type ListState, useListState } from "../../../app/listSearch";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatDuration } from "../../../i18n/format";
import { useServerNow } from "../../../live/now";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Filter } from "../../../ui/filter/types";
import { Icon } from "../../../ui/Icon";
import { Empty } from "../../../ui/StateBlock";
import { Status, type Tone } from "../../../ui/Status";
import { DataTable } from "../../../ui/table/DataTable";
import type { Column } from "../../../ui/table/types";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import { AlertParts } from "../AlertParts";
import { SILENCE_FILTERS, SILENCE_STATES } from "../routes";
import { personOf } from "../words";
import { Inhibitions } from "./Inhibitions";
import "../../../styles/rules.css";
import { NewSilence } from "./NewSilence";

const STATE_TONE: Readonly<Record<Silence["state"], Tone>> = { active: "hold", planned: "run", over: "mute" };
const CURRENT = ["active", "planned"] as const;
const keyOf = (silence: Silence): string => silence.silence_id;

/** What is told to nobody, until when and why. */
export function SilencesPage() {
  const { t } = useI18n();
  return (
    <AlertParts title={t("alerts.part.silences")}>
      <Loaded />
      <Inhibitions />
    </AlertParts>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(SILENCE_FILTERS);
  const wanted = useMemo(() => (state.values("state").length ? ([...state.values("state")] as SilenceState[]) : [...CURRENT]), [state.id]);
  const fetch = useCallback(async (_: string | null, signal: AbortSignal) => {
    const page = await fetchSilences(wanted, signal);
    return { items: page.items, next: null, total: page.total };
  }, [wanted]);
  const list = useList({ queryKey: [SILENCES_KEY, "list", wanted], fetch, keyOf });
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const filters = useMemo((): Filter[] => [{ key: "state", label: t("silence.state"), usual: t("silence.state.current"), values: SILENCE_STATES.map((value) => ({ value, label: t(`silence.state.${value}`), tone: STATE_TONE[value] })) }], [t]);
  return (
    <section className="card" aria-label={t("alerts.part.silences")}>
      <Say />
      <DataTable<Silence>
        name="silences"
        label={t("alerts.part.silences")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ selector }) => selector}
        filters={filters}
        tools={<New state={state} />}
        empty={<Empty icon="moon" title={t("silence.empty")}>{t("silence.empty.sub")}</Empty>}
      />
    </section>
  );
}

/** The answer first: how many hold something back now. */
function Say() {
  const { t } = useI18n();
  const active = useSilences(["active"]).data?.items;
  if (!active) return null;
  const held = active.reduce((all, { holds }) => all + holds, 0);
  return (
    <p className="silence-say">
      <Status tone={active.length ? "hold" : "ok"}>{active.length ? t("silence.say", { count: active.length }) : t("silence.say.none")}</Status>
      {held > 0 && <span className="dim">{t("silence.say.held", { count: held })}</span>}
    </p>
  );
}

/** The dialog stands in the address, with what is to be silenced: alerts lead here. */
function New({ state }: { state: ListState }) {
  const { t } = useI18n();
  const why = useMayWhy()(HANDLE);
  const { make } = useSearch({ strict: false }) as { make?: string };
  const navigate = useNavigate();
  const set = (value: string | undefined): void => void navigate({ to: ".", search: ((old: object) => ({ ...old, make: value })) as never, replace: true, resetScroll: false });
  return (
    <>
      <button type="button" className="button small primary" disabled={why !== undefined} title={why} onClick={() => set("*")}>
        <Icon name="plus" size={13} />
        {t("silence.new")}
      </button>
      {make !== undefined && why === undefined && <NewSilence start={make === "*" ? "" : make} close={() => set(undefined)} key={state.view} />}
    </>
  );
}

function columnsOf(i18n: I18n): Column<Silence>[] {
  const { t } = i18n;
  return [
    { key: "state", title: t("silence.state"), width: 96, phone: "aside", render: ({ state }) => <Status tone={STATE_TONE[state]}>{t(`silence.state.${state}`)}</Status>, text: ({ state }) => state },
    { key: "selector", title: t("silence.selector"), primary: true, phone: "title", render: ({ selector }) => <span className="mono el strong" title={selector}>{selector}</span>, text: ({ selector }) => selector },
    { key: "reason", title: t("silence.reason"), width: "20%", phone: "line", render: ({ reason }) => <span className="el" title={reason}>{reason || t("none")}</span>, text: ({ reason }) => reason },
    { key: "holds", title: t("silence.holds"), width: 76, align: "end", phone: "line", render: ({ holds, state }) => (state === "active" ? holds : t("none")), text: ({ holds }) => holds },
    { key: "begins", title: t("silence.begins"), width: 214, hideBelow: 1100, phone: "none", render: (silence) => <When at={silence.begins_at} left={silence.state === "planned" ? "silence.begins.in" : undefined} />, text: ({ begins_at: at }) => at },
    { key: "ends", title: t("silence.ends"), width: 214, phone: "line", render: (silence) => <When at={silence.ends_at} left={silence.state === "active" ? "silence.left" : undefined} />, text: ({ ends_at: at }) => at },
    { key: "author", title: t("silence.author"), width: 100, hideBelow: 900, phone: "line", render: ({ author }) => <span className="el dim">{personOf(author)}</span>, text: ({ author }) => author },
    { key: "act", title: t("silence.act"), width: 92, align: "end", phone: "line", render: (silence) => <End silence={silence} /> },
  ];
}

/** A moment, and how long it is until then. */
function When({ at, left }: { at: string; left: "silence.left" | "silence.begins.in" | undefined }) {
  const { t } = useI18n();
  const now = useServerNow(10_000);
  const rest = (Date.parse(at) - now) / 1000;
  return (
    <span className="row">
      <TimeText at={at} />
      {left && rest > 0 && <span className="dim">{t(left, { time: formatDuration(Math.floor(rest), t) })}</span>}
    </span>
  );
}

function End({ silence }: { silence: Silence }) {
  const { t } = useI18n();
  const why = useMayWhy()(HANDLE);
  const renew = useRenewSilences();
  const [open, setOpen] = useState(false);
  if (silence.state === "over") return null;
  const planned = silence.state === "planned";
  return (
    <>
      <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>{t(planned ? "silence.cancel" : "silence.end")}</button>
      {open && (
        <ActionDialog
          title={t(planned ? "silence.cancel.title" : "silence.end.title")}
          act={t(planned ? "silence.cancel" : "silence.end")}
          close={() => setOpen(false)}
          preview={async () => ({ picture: <code className="alert-val">{silence.selector}</code>, risk: "low" as const, wayBack: t("silence.end.back"), revision: String(silence.revision) })}
          run={async (order) => {
            const done = await endSilence(silence.silence_id, order);
            renew();
            return done;
          }}
          done={() => t("silence.ended")}
        >
          <p>{planned ? t("silence.cancel.text") : t("silence.end.text", { count: silence.holds })}</p>
        </ActionDialog>
      )}
    </>
  );
}
