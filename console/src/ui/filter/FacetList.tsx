import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Icon } from "../Icon";
import { Glyph } from "../Status";
import type { FacetValue, Filter } from "./types";

interface Props {
  filter: Filter;
  chosen: readonly string[];
  choose: (values: readonly string[]) => void;
}

/** Fewer values than this need no search. */
const SEARCHED = 9;

/** The values of one filter with their counts; chosen ones stay listed although the server no longer names them. */
export function FacetList({ filter, chosen, choose }: Props) {
  const { t, language } = useI18n();
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const searching = useDeferredValue(wanted);
  const found = useQuery({
    queryKey: ["facet", filter.key, searching],
    queryFn: ({ signal }) => filter.find?.(searching, signal) ?? [],
    enabled: filter.find !== undefined && searching !== "",
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 10_000,
  });
  const listed = new Map(filter.values.map((one) => [one.value, one]));
  for (const one of (wanted && found.data) || []) listed.set(one.value, one);
  const values: FacetValue[] = [...chosen.filter((value) => !listed.has(value)).map((value) => ({ value })), ...listed.values()];
  const shown = wanted ? values.filter(({ value, label }) => `${value} ${label ?? ""}`.toLowerCase().includes(wanted)) : values;
  const searched = filter.open === true || filter.find !== undefined || values.length >= SEARCHED;
  const addable = filter.open === true && wanted !== "" && !values.some(({ value }) => value.toLowerCase() === wanted);
  const toggle = (value: string): void => {
    const on = chosen.includes(value);
    if (filter.single) choose(on ? [] : [value]);
    else choose(on ? chosen.filter((one) => one !== value) : [...chosen, value]);
  };
  const add = (): void => {
    toggle(typed.trim());
    setTyped("");
  };
  return (
    <div className="facet" role="group" aria-label={filter.label}>
      {searched && (
        <span className="field">
          <Icon name="search" size={13} />
          <input
            type="text"
            aria-label={t("filter.find", { name: filter.label })}
            placeholder={filter.hint ?? t(filter.open ? "filter.find.open" : "filter.find.placeholder")}
            value={typed}
            maxLength={200}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && addable) add();
            }}
          />
        </span>
      )}
      <div className="facet-values">
        {shown.map(({ value, label, count, tone }) => (
          <label key={value} className="menu-item">
            <input
              type={filter.single ? "radio" : "checkbox"}
              checked={chosen.includes(value)}
              onChange={() => toggle(value)}
              onClick={() => filter.single && chosen.includes(value) && choose([])}
            />
            {tone && (
              <span className={`status ${tone}`}>
                <Glyph tone={tone} />
              </span>
            )}
            <span className={tone ? `status ${tone} el` : "el"} title={label ?? value}>
              {label ?? value}
            </span>
            {count !== undefined && <span className="menu-count">{formatCount(count, language)}</span>}
          </label>
        ))}
        {addable && (
          <button type="button" className="menu-item" onClick={add}>
            <Icon name="plus" size={13} />
            {t("filter.add", { value: typed.trim() })}
          </button>
        )}
        {found.isFetching && wanted !== "" && !shown.length && <p className="dim facet-none">{t("filter.searching")}</p>}
        {found.error && <p className="dim facet-none">{t("filter.failed")}</p>}
        {!shown.length && !addable && !found.isFetching && !found.error && <p className="dim facet-none">{t("filter.none")}</p>}
      </div>
      {chosen.length > 0 && (
        <button type="button" className="button ghost small" onClick={() => choose([])}>
          {t("filter.clear.one")}
        </button>
      )}
    </div>
  );
}
