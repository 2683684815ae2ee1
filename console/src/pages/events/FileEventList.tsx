import { useMemo } from "react";
import { EVENTS_KEY, fetchFileEventPage, type FileEvent } from "../../api/events";
import { useListState } from "../../app/listSearch";
import { type I18n, useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import type { Filter } from "../../ui/filter/types";
import { Empty } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { agentValues } from "./EventList";
import { FILE_STATUSES, FILE_TONE, fileColumns } from "./fileColumns";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { FileEventDrawer } from "./FileEventDrawer";
import { FILE_FILTERS } from "./routes";
import { useFileSpread, useFileWish } from "./wish";

const PAGE = 60;
const VIEWS = { todo: { status: ["failed", "dead"] } };
const keyOf = (event: FileEvent): string => event.row_id;
const nameOf = (event: FileEvent): string => event.path;

/** What happened to files, newest first, page by page. */
export function FileEventList() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(FILE_FILTERS);
  const wish = useFileWish(state);
  const list = useList({
    queryKey: [EVENTS_KEY, "files", "list", wish],
    fetch: async (cursor, signal) => {
      const page = await fetchFileEventPage(wish, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor };
    },
    keyOf,
  });
  const spread = useFileSpread(wish);
  const views = useBuiltin(VIEWS);
  const below = state.values("below")[0];
  const filters = useMemo(() => filtersOf(spread, below, i18n), [spread.statuses, spread.classes, spread.stores, spread.agents, below, i18n]);
  const columns = useMemo(() => withAgent(fileColumns(i18n), i18n), [i18n]);
  // sums are of whole minutes: near enough to say how many, too coarse for the last row
  const counted = { ...list, total: list.more ? (spread.all?.counted ?? null) : list.total, atLeast: list.more && spread.all?.exact === false };
  return (
    <>
      <section className="card">
        <DataTable
          name="file-events"
          label={t("events.files.label")}
          columns={columns}
          list={counted}
          state={state}
          keyOf={keyOf}
          nameOf={nameOf}
          opens="drawer"
          filters={filters}
          views={views}
          search={t("events.files.search")}
          empty={
            <Empty icon="file" title={t("events.files.empty")}>
              {t("events.files.empty.sub")}
            </Empty>
          }
        />
      </section>
      {state.sel !== undefined && <FileEventDrawer rowId={state.sel} close={() => state.set({ sel: undefined }, { replace: true })} />}
    </>
  );
}

function withAgent(columns: Column<FileEvent>[], { t }: I18n): Column<FileEvent>[] {
  const agent: Column<FileEvent> = {
    key: "agent", title: t("events.agent"), width: 160, phone: "line",
    render: ({ agent_id: id, hostname }) => <span className="el" title={id}>{hostname || id}</span>,
    text: ({ agent_id: id, hostname }) => hostname || id,
  };
  return columns.flatMap((column) => (column.key === "size" ? [agent, column] : [column]));
}

type Spread = Omit<ReturnType<typeof useFileSpread>, "all">;

function filtersOf({ statuses, classes, stores, agents }: Spread, below: string | undefined, { t, language }: I18n): Filter[] {
  const counts = new Map(statuses?.statuses.map(({ value, count }) => [value, count]));
  return [
    { key: "status", label: t("work.status"), values: FILE_STATUSES.map((value) => ({ value, label: t(`work.${value}`), tone: FILE_TONE[value], count: statuses ? (counts.get(value) ?? 0) : undefined })) },
    { key: "error_class", label: t("work.error"), values: (classes?.error_classes ?? []).map(({ value, count }) => ({ value, count, label: wordOf(language, "class", value) })) },
    { key: "store", label: t("work.store"), open: true, values: (stores?.stores ?? []).map(({ value, count }) => ({ value, count })) },
    { key: "agent", label: t("events.agent"), open: true, values: agentValues(agents) },
    { key: "labels", label: t("events.labels"), open: true, values: [] },
    { key: "below", label: t("events.below"), open: true, single: true, values: below ? [{ value: below }] : [] },
  ];
}
