import { type ReactNode, useCallback } from "react";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { Popup } from "../Popup";
import { FacetList } from "./FacetList";
import { SearchField } from "./SearchField";
import type { Filter } from "./types";

interface Props {
  filters: readonly Filter[];
  state: ListState;
  /** Placeholder of the text search; none = no search. */
  search?: string;
  tools?: ReactNode;
}

/** Search, filters with the server's counts, and the list's tools; all of it lives in the address. */
export function FilterBar({ filters, state, search, tools }: Props) {
  const { t } = useI18n();
  const { set } = state;
  const onSearch = useCallback((q: string) => set({ q, sel: undefined }, { replace: true }), [set]);
  return (
    <div className="filter-bar">
      {search !== undefined && <SearchField label={search} value={state.q} onSearch={onSearch} />}
      {(filters.length > 0 || state.filtered) && (
        <span className="filter-facets">
          {filters.map((filter) => (filter.toggle ? <Toggle key={filter.key} filter={filter} state={state} /> : <Facet key={filter.key} filter={filter} state={state} />))}
          {state.filtered && (
            <button type="button" className="button ghost small" onClick={() => set(noFilters(filters))}>
              {t("filter.clear")}
            </button>
          )}
        </span>
      )}
      {tools !== undefined && <span className="filter-tools">{tools}</span>}
    </div>
  );
}

/** The change that drops text and filters. */
export const noFilters = (filters: readonly Filter[]): Record<string, undefined> =>
  Object.fromEntries(["q", "sel", ...filters.map(({ key }) => key)].map((key) => [key, undefined]));

function Facet({ filter, state }: { filter: Filter; state: ListState }) {
  const { t } = useI18n();
  const chosen = state.values(filter.key);
  const names = chosen.map((value) => filter.values.find((one) => one.value === value)?.label ?? value);
  const text = names.length === 0 ? (filter.usual ?? t("filter.all")) : names.length <= 2 ? names.join(t("filter.join")) : t("filter.some", { count: names.length });
  return (
    <Popup
      label={`${filter.label} ${text}`}
      className={chosen.length ? "button pick facet-button on" : "button pick facet-button"}
      button={
        <>
          <span className="dim">{filter.label}</span>{" "}
          <span className="pick-text">{text}</span>
          <Icon name="down" size={12} />
        </>
      }
    >
      {() => (
        <FacetList
          filter={filter}
          chosen={chosen}
          choose={(values) => state.set({ [filter.key]: values, sel: undefined })}
        />
      )}
    </Popup>
  );
}

function Toggle({ filter, state }: { filter: Filter; state: ListState }) {
  const on = state.values(filter.key).length > 0;
  const [only] = filter.values;
  if (!only) return null;
  return (
    <button
      type="button"
      className="chip"
      aria-pressed={on}
      onClick={() => state.set({ [filter.key]: on ? undefined : [only.value], sel: undefined })}
    >
      {filter.label}
    </button>
  );
}
