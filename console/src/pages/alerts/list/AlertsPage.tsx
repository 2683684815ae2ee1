import { Link, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { ALERTS_KEY, fetchAlerts, HANDLE, type ListedAlert } from "../../../api/alerts";
import { type ListState, useListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import { Segments } from "../../../ui/Segments";
import { Empty } from "../../../ui/StateBlock";
import { DataTable } from "../../../ui/table/DataTable";
import { useList } from "../../../ui/table/useList";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useBuiltin } from "../../../ui/views/useBuiltin";
import { AcknowledgeMany } from "../AcknowledgeMany";
import { ResolveMany } from "../ResolveMany";
import { AlertParts } from "../AlertParts";
import { ALERT_FILTERS, STATUSES } from "../routes";
import { alertColumns } from "./columns";
import { useAlertFilters, useAlertWish } from "./filters";
import { Over } from "./Over";
import { Say } from "./Say";
import { By, Sums } from "./Sums";

const keyOf = (alert: ListedAlert): string => alert.alert_id;
const nameOf = (alert: ListedAlert): string => alert.title;

/** What fires, which first, and who is on it. */
export function AlertsPage() {
  const { t } = useI18n();
  return (
    <AlertParts title={t("alerts.title")}>
      <Loaded />
    </AlertParts>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(ALERT_FILTERS);
  const wish = useAlertWish(state);
  const { filters, total } = useAlertFilters(wish, state);
  const fetch = useCallback(async (cursor: string | null, signal: AbortSignal) => {
    const page = await fetchAlerts(wish, cursor, signal);
    return { items: page.items, next: page.next_cursor, total: page.total };
  }, [wish]);
  const list = useList({ queryKey: [ALERTS_KEY, "list", wish], fetch, keyOf });
  const columns = useMemo(() => alertColumns(i18n), [i18n]);
  const views = useBuiltin({ todo: { status: ["firing"], held: ["no"] } });
  const why = useMayWhy()(HANDLE);
  const { by } = useSearch({ from: "/alerts" });
  return (
    <>
      <Say />
      <Over state={state} wish={wish} />
      {by !== undefined ? <Sums by={by} state={state} wish={wish} filters={filters} /> : <section className="card">
        <DataTable<ListedAlert>
          name="alerts"
          label={t("alerts.list")}
          columns={columns}
          list={{ ...list, total: list.total ?? total }}
          state={state}
          keyOf={keyOf}
          nameOf={nameOf}
          opens={({ alert_id }) => `/alerts/${alert_id}`}
          filters={filters}
          views={views}
          search={t("alerts.search")}
          tools={<><By by={by} /><Show state={state} /></>}
          empty={<Nothing />}
          {...(why === undefined ? { bulk: (selection) => <><AcknowledgeMany selection={selection} /><ResolveMany selection={selection} /></> } : {})}
        />
      </section>}
    </>
  );
}

const SHOWS = ["open", "held", "all"] as const;
type Shown = (typeof SHOWS)[number];

/** What is open, what is held back, or everything there ever was: three words for what the filters can say too. */
function Show({ state }: { state: ListState }) {
  const { t } = useI18n();
  const [status, held] = [state.values("status"), state.values("held")];
  const shown: Shown | "" = held[0] === "yes" && status.length === 0 ? "held" : status.length === STATUSES.length ? "all" : status.length === 0 && held.length === 0 ? "open" : "";
  return (
    <Segments<Shown | "">
      label={t("alerts.show")}
      value={shown}
      options={SHOWS.map((value) => ({ value, label: t(`alerts.show.${value}`) }))}
      onChange={(next) => state.set({ status: next === "all" ? STATUSES : undefined, held: next === "held" ? ["yes"] : undefined })}
    />
  );
}

/** Nothing is open: all is well. */
function Nothing() {
  const { t } = useI18n();
  return (
    <Empty icon="bell" title={t("alerts.empty.open")} action={<Link className="button" to={"/alerts/rules" as string}>{t("alerts.empty.rules")}</Link>}>
      <p>{t("alerts.empty.open.sub")}</p>
      <p>{t("alerts.empty.sub")}</p>
    </Empty>
  );
}
