import { useCallback, useMemo, useState } from "react";
import { useMay } from "../../api/account";
import { type Choice, DLQ_KEY, fetchLetters, groupsOf, type Letter, type LetterAct, type LetterFilter, useGroups, useRuns } from "../../api/dlq";
import { type ListState, useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Empty, Loading } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import type { Selection } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { WorkPage } from "../tasks/WorkPage";
import { Causes } from "./Causes";
import { letterColumns } from "./columns";
import { selectedBy, useLetterFilters, useWish } from "./filters";
import { LetterPane } from "./LetterPane";
import { OrderDialog } from "./Orders";
import { DLQ_FILTERS } from "./routes";
import { Runs } from "./Runs";
import "../../styles/diff.css";
import "../../styles/dlq.css";

const keyOf = (letter: Letter): string => letter.letter_id;
const nameOf = (letter: Letter): string => letter.about;

/** Whatever failed for good: by cause, one by one, and the way back. */
export function DlqPage() {
  const { t } = useI18n();
  return (
    <WorkPage title={t("dlq.title")} needs="tasks:read">
      <Loaded />
    </WorkPage>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(DLQ_FILTERS);
  const wish = useWish(state);
  const { filters, total } = useLetterFilters(wish, state);
  const fetch = useCallback(async (cursor: string | null, signal: AbortSignal) => {
    const page = await fetchLetters(wish, cursor, signal);
    return { items: page.items, next: page.next_cursor, total: page.total };
  }, [wish]);
  const list = useList({ queryKey: [DLQ_KEY, "list", wish], fetch, keyOf });
  const columns = useMemo(() => letterColumns(i18n), [i18n]);
  const views = useBuiltin({ todo: { poison: ["yes"] } });
  const may = useMay()("tasks:run");
  const [groups, runs] = [useGroups(groupsOf(wish)), useRuns()];
  // both stand above the list: they come with it, so that what is being read does not move; not `isPending`, which
  // one that failed is again whenever it is asked for
  if (!groups.isFetched || !runs.isFetched) return <section className="card"><Loading rows={12} /></section>;
  return (
    <>
      <Causes wish={wish} state={state} />
      <Runs state={state} />
      <section className="card">
        <DataTable<Letter>
          name="dlq"
          label={t("dlq.list")}
          columns={columns}
          list={{ ...list, total: list.total ?? total }}
          state={state}
          keyOf={keyOf}
          nameOf={nameOf}
          opens="drawer"
          filters={filters}
          views={views}
          search={t("dlq.search")}
          empty={<Empty icon="tasks" title={t("dlq.empty")}>{t("dlq.empty.sub")}</Empty>}
          {...(may ? { bulk: (selection) => <Bulk selection={selection} wish={wish} /> } : {})}
        />
      </section>
      <Open state={state} />
    </>
  );
}

function Open({ state }: { state: ListState }) {
  const { t } = useI18n();
  if (state.sel === undefined) return null;
  return (
    <DetailDrawer open close={() => state.set({ sel: undefined }, { replace: true })} title={t("dlq.one")} width={600}>
      <LetterPane letterId={state.sel} key={state.sel} />
    </DetailDrawer>
  );
}

/** What may be done with the chosen letters: named ones, or all that the filter finds. */
function Bulk({ selection, wish }: { selection: Selection<Letter>; wish: LetterFilter }) {
  const { t } = useI18n();
  const [open, setOpen] = useState<{ act: LetterAct; choice: Choice; count: number } | null>(null);
  const begin = (act: LetterAct): void =>
    setOpen({ act, count: selection.count, choice: selection.everything ? { filter: selectedBy(wish) } : { ids: selection.rows.map(keyOf) } });
  return (
    <>
      <button type="button" className="button small" onClick={() => begin("replay")}>{t("dlq.replay")}</button>
      <button type="button" className="button small" onClick={() => begin("drop")}>{t("dlq.drop")}</button>
      {open && (
        <OrderDialog
          {...open}
          close={() => {
            setOpen(null);
            selection.clear();
          }}
        />
      )}
    </>
  );
}
