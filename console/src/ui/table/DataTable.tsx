import { useI18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { Aged } from "../Aged";
import { FilterBar } from "../filter/FilterBar";
import { EmptyFiltered, ErrorBlock, Loading } from "../StateBlock";
import type { BuiltinView } from "../views/views";
import { Grid } from "./Grid";
import { Picked } from "./Picked";
import type { TableProps } from "./props";
import { TableTools } from "./TableTools";
import { useTable } from "./useTable";

const NO_VIEWS: readonly BuiltinView[] = [];

/** A list of the server: filters, order, frozen rows, columns, choice, keys, export; draws only what is in the window. */
export function DataTable<T>(props: TableProps<T>) {
  const { name, list, state, filters = [], search, bulk, views = NO_VIEWS } = props;
  const table = useTable(props);
  const { frozen, picked } = table;
  const some = frozen.rows.length > 0;
  const nothing = !list.pending && !list.error && !some;
  return (
    <div className="data-table" aria-busy={list.placeholder} {...frozen.reading}>
      <FilterBar
        filters={filters}
        state={state}
        {...(search === undefined ? {} : { search })}
        tools={
          <>
            {props.tools}
            <TableTools name={name} state={state} builtin={views} columns={table.columns} all={props.columns} list={list} />
          </>
        }
      />
      {bulk && picked.count > 0 && <Picked picked={picked} list={list} bulk={bulk} />}
      <News changes={frozen.changes} outdated={list.outdated} take={() => (list.outdated && list.refetch(), frozen.accept())} />
      {list.error && (
        <ErrorBlock error={list.error} retry={list.refetch} {...(some ? { age: formatClock(list.fetchedAt, Date.now()) } : {})} />
      )}
      {list.pending && !list.error && <Loading rows={8} />}
      {nothing && (state.filtered ? <EmptyFiltered filters={filters} state={state} /> : props.empty)}
      {some && (
        <Aged at={list.fetchedAt} pace="list" still={list.outdated || list.error !== null}>
          <Grid props={props} table={table} />
        </Aged>
      )}
    </div>
  );
}

interface NewsProps {
  changes: number;
  outdated: boolean;
  take: () => void;
}

/** The order on screen is kept; this says how much is newer, and takes it over. */
function News({ changes, outdated, take }: NewsProps) {
  const { t } = useI18n();
  if (changes === 0 && !outdated) return null;
  return (
    <button type="button" className="button small frozen" onClick={take}>
      {changes > 0 ? t("table.frozen", { count: changes }) : t("table.outdated")}
    </button>
  );
}
