import { useMemo } from "react";
import { AUDIT_KEY, type AuditWish, type Entry, extractUrl, fetchEntries, type Summary, useEntry, useSummary } from "../../api/audit";
import { useMay, useMe } from "../../api/account";
import { useListState } from "../../app/listSearch";
import { PageHead } from "../../app/PageHead";
import { useRange } from "../../app/useRange";
import { useI18n } from "../../i18n/context";
import { useServerNow } from "../../live/now";
import "../../styles/audit.css";
import "../../styles/diff.css";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Icon } from "../../ui/Icon";
import { QueryState } from "../../ui/QueryState";
import { Empty, Forbidden } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import { useList } from "../../ui/table/useList";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { useNarrow } from "../../ui/table/useNarrow";
import { useColumns } from "./columns";
import { Days } from "./Days";
import { EntryDetail, Sentence } from "./EntryDetail";
import { useFilters } from "./filters";
import { Integrity } from "./Integrity";
import { AUDIT_FILTERS } from "./routes";
import { dayOf } from "./sentence";

const PAGE = 60;
/** What somebody may not do is on record once a minute for each person and act. */
const DENIED = ["access.denied"];
const AUTOMATED = ["system", "agent", "token"];
const keyOf = (entry: Entry): string => String(entry.seq);
const STEP_MS = 60_000;

/** Who changed what, from what to what, why. */
export function AuditPage() {
  const { t } = useI18n();
  const may = useMay()("audit:read");
  return (
    <div className="stack">
      <PageHead title={t("audit.title")} />
      {may ? <Loaded /> : <section className="card"><Forbidden permission="audit:read" /></section>}
    </div>
  );
}

function Loaded() {
  const { t } = useI18n();
  const state = useListState(AUDIT_FILTERS);
  const range = useRange();
  const minute = Math.floor(useServerNow(STEP_MS) / STEP_MS);
  const { since, until } = useMemo(() => range.instants(), [range.from, range.to, minute]);
  const wide = !useNarrow(1280);
  const wish = useMemo<AuditWish>(() => {
    const kinds = state.values("automated").length ? AUTOMATED : state.values("actor_kind");
    return {
      actor_kind: kinds, action: state.values("denied").length ? DENIED : state.values("action"), resource_kind: state.values("resource_kind"),
      resource: state.values("resource")[0], actor: state.values("actor")[0], field: state.values("field")[0], changed: state.values("changed").length > 0,
      value: state.values("value")[0], address: state.values("address")[0],
      q: state.q || undefined, since, ...(range.moving ? {} : { until }),
    };
  }, [state, since, until, range.moving]);
  const summary = useSummary(wish, -new Date().getTimezoneOffset());
  const sum = summary.data;
  const list = useList({
    queryKey: [AUDIT_KEY, "list", wish],
    fetch: async (cursor, signal) => {
      const page = await fetchEntries(wish, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor };
    },
    keyOf,
  });
  const counted = { ...list, total: sum?.total ?? list.total, atLeast: sum ? !sum.complete : false };
  const filters = useFilters(sum, wish);
  const columns = useColumns();
  const { data: me } = useMe();
  const views = useBuiltin({ ...(me && me.kind !== "anonymous" ? { mine: { actor: [me.id] } } : {}), changes: { changed: ["yes"] } });
  const day = useDay();
  const chosen = state.sel === undefined ? undefined : Number(state.sel);
  const close = (): void => state.set({ sel: undefined }, { replace: true });
  return (
    <div className={chosen !== undefined && wide ? "audit with-detail" : "audit"}>
      <div className="stack">
        <Days query={summary} since={since} until={until} />
        <section className="card">
          <DataTable
            name="audit"
            label={t("audit.label")}
            columns={columns}
            list={counted}
            state={state}
            keyOf={keyOf}
            nameOf={keyOf}
            opens="drawer"
            filters={filters}
            views={views}
            search={t("audit.search")}
            section={(entry) => day(entry.at)}
            tools={<Extract wish={wish} summary={sum} />}
            empty={<Empty icon="clock" title={t("audit.empty")}>{t("audit.empty.text")}</Empty>}
          />
          <Integrity />
        </section>
      </div>
      {chosen !== undefined && (wide ? <Beside seq={chosen} close={close} /> : <InDrawer seq={chosen} close={close} />)}
    </div>
  );
}

/** Exactly what the filters let through, as a file of the server. */
function Extract({ wish, summary }: { wish: AuditWish; summary: Summary | undefined }) {
  const { t } = useI18n();
  const words = !summary
    ? t("audit.export.plain")
    : summary.complete
      ? t("audit.export", { count: summary.total })
      : t("audit.export.least", { count: summary.total });
  return (
    <a className="button small" href={extractUrl(wish)} download title={t("audit.export.help")}>
      <Icon name="download" size={13} />
      {words}
    </a>
  );
}

function Beside({ seq, close }: { seq: number; close: () => void }) {
  const { t } = useI18n();
  const entry = useEntry(seq);
  return (
    <section className="card audit-detail" aria-label={t("audit.one")}>
      <QueryState query={entry} rows={8} object={{ what: t("audit.one"), id: String(seq) }}>
        {(data) => <EntryDetail entry={data} close={close} />}
      </QueryState>
    </section>
  );
}

function InDrawer({ seq, close }: { seq: number; close: () => void }) {
  const { t } = useI18n();
  const entry = useEntry(seq);
  return (
    <DetailDrawer open close={close} title={entry.data ? <Sentence entry={entry.data} /> : t("audit.one")}>
      <QueryState query={entry} rows={8} object={{ what: t("audit.one"), id: String(seq) }}>
        {(data) => <EntryDetail entry={data} />}
      </QueryState>
    </DetailDrawer>
  );
}

/** Today, yesterday, else the date. */
function useDay(): (at: string) => string {
  const { t } = useI18n();
  const now = useServerNow(STEP_MS);
  const today = dayOf(new Date(now).toISOString());
  const yesterday = dayOf(new Date(now - 86_400_000).toISOString());
  return (at) => {
    const day = dayOf(at);
    if (day === today) return t("audit.today", { day: day.slice(5) });
    return day === yesterday ? t("audit.yesterday", { day: day.slice(5) }) : day;
  };
}
