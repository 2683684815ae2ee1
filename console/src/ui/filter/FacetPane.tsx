import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { FacetList } from "./FacetList";
import type { Filter } from "./types";

/** Filters as a pane beside a list, always open; on narrow windows `FilterBar` shows the same ones. */
export function FacetPane({ filters, state }: { filters: readonly Filter[]; state: ListState }) {
  const { t } = useI18n();
  return (
    <aside className="card facet-pane" aria-label={t("filter.pane")}>
      {filters.map((filter) => (
        <section key={filter.key}>
          <h3>{filter.label}</h3>
          <FacetList
            filter={filter}
            chosen={state.values(filter.key)}
            choose={(values) => state.set({ [filter.key]: values, sel: undefined })}
          />
        </section>
      ))}
    </aside>
  );
}
