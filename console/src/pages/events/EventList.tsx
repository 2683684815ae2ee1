import { useMemo } from "react";
import { type EventFacets, type EventItem, EVENTS_KEY, fetchEvents } from "../../api/events";
import { useListState } from "../../app/listSearch";
import { type I18n, useI18n } from "../../i18n/context";
import type { FacetValue, Filter } from "../../ui/filter/types";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { EventDrawer } from "./EventDrawer";
import { EVENT_FILTERS } from "./routes";
import { SEVERITIES, SEVERITY_TONE, sayEvent, sourceText, typeText } from "./say";
import { useEventSpread, useEventWish } from "./wish";

const PAGE = 60;
const VIEWS = { todo: { severity: ["warning"] } };
const keyOf = (event: EventItem): string => event.row_id;

/** Everything that happened, newest first, page by page. */
export function EventList() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(EVENT_FILTERS);
  const wish = useEventWish(state);
  const list = useList({
    queryKey: [EVENTS_KEY, "list", wish],
    fetch: async (cursor, signal) => {
      const page = await fetchEvents(wish, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor };
    },
    keyOf,
  });
  const spread = useEventSpread(wish);
  const views = useBuiltin(VIEWS);
  const filters = useMemo(() => filtersOf(spread, i18n), [spread.types, spread.agents, spread.sources, spread.severities, i18n]);
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const counted = { ...list, total: spread.all?.counted ?? list.total, atLeast: spread.all ? !spread.all.exact : false };
  return (
    <>
      <section className="card">
        <DataTable
          name="events"
          label={t("events.label")}
          columns={columns}
          list={counted}
          state={state}
          keyOf={keyOf}
          nameOf={(event) => typeText(event.type, i18n)}
          opens="drawer"
          filters={filters}
          views={views}
          search={t("events.search")}
          empty={
            <Empty icon="bell" title={t("events.empty")}>
              {t("events.empty.sub")}
            </Empty>
          }
        />
      </section>
      {state.sel !== undefined && <EventDrawer rowId={state.sel} close={() => state.set({ sel: undefined }, { replace: true })} />}
    </>
  );
}

type Spread = Omit<ReturnType<typeof useEventSpread>, "all">;

function filtersOf({ types, agents, sources, severities }: Spread, i18n: I18n): Filter[] {
  const { t } = i18n;
  return [
    { key: "severity", label: t("events.severity"), single: true, values: severityValues(severities, i18n) },
    { key: "type", label: t("events.type"), open: true, values: (types?.types ?? []).map(({ value, count }) => ({ value, count, label: typeText(value, i18n) })) },
    { key: "agent", label: t("events.agent"), open: true, values: agentValues(agents) },
    { key: "source", label: t("events.source"), open: true, values: (sources?.sources ?? []).map(({ value, count }) => ({ value, count, label: sourceText(value, i18n, hostOf(value, agents)) })) },
    { key: "labels", label: t("events.labels"), open: true, values: [] },
  ];
}

export const agentValues = (facets: Pick<EventFacets, "agents"> | undefined): FacetValue[] =>
  (facets?.agents ?? []).map(({ value, count, name }) => ({ value, count, label: name || value }));

const hostOf = (source: string, facets: EventFacets | undefined): string => facets?.agents.find(({ value }) => source === `/gwf/agents/${value}`)?.name ?? "";

/** A severity stands for itself and all that are worse: so are its numbers. */
function severityValues(facets: EventFacets | undefined, { t }: I18n): FacetValue[] {
  const counts = new Map(facets?.severities.map(({ value, count }) => [value, count]));
  let sum = 0;
  return SEVERITIES.map((value) => {
    sum += counts.get(value) ?? 0;
    return { value, label: t(`severity.from.${value}`), tone: SEVERITY_TONE[value], count: facets ? sum : undefined };
  });
}

function columnsOf(i18n: I18n): Column<EventItem>[] {
  const { t } = i18n;
  return [
    { key: "time", title: t("events.time"), width: 118, phone: "aside", render: ({ time }) => <TimeText at={time} />, text: ({ time }) => time },
    {
      key: "severity", title: t("events.severity"), width: 96, phone: "line",
      render: ({ severity }) => <Status tone={SEVERITY_TONE[severity]}>{t(`severity.${severity}`)}</Status>,
      text: ({ severity }) => severity,
    },
    {
      key: "type", title: t("events.type"), width: 196, primary: true, phone: "title",
      render: ({ type }) => <span className="el" title={type}>{typeText(type, i18n)}</span>,
      text: ({ type }) => type,
    },
    {
      key: "what", title: t("events.what"), phone: "line",
      render: (event) => <span className="el dim" title={sayEvent(event, i18n)}>{sayEvent(event, i18n) || t("none")}</span>,
      text: (event) => sayEvent(event, i18n),
    },
    {
      key: "agent", title: t("events.agent"), width: 168, phone: "line",
      render: ({ agent_id: id, hostname }) => (id ? <span className="el" title={id}>{hostname || id}</span> : <span className="dim">{t("none")}</span>),
      text: ({ agent_id: id, hostname }) => hostname || id,
    },
    {
      key: "source", title: t("events.source"), width: 150, hideBelow: 1280, phone: "none",
      render: ({ source, hostname }) => <span className="el dim" title={source}>{sourceText(source, i18n, hostname)}</span>,
      text: ({ source }) => source,
    },
    { key: "subject", title: t("events.subject"), optional: true, width: 200, render: ({ subject }) => <span className="el mono" title={subject ?? ""}>{subject ?? t("none")}</span>, text: ({ subject }) => subject },
    { key: "labels", title: t("events.labels"), optional: true, width: 200, render: ({ labels }) => <span className="el">{labelsText(labels)}</span>, text: ({ labels }) => labelsText(labels) },
  ];
}

export const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(", ");
