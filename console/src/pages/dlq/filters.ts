import { useMemo } from "react";
import { type LetterFilter, type Selected, useLetterFacets } from "../../api/dlq";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import type { Filter } from "../../ui/filter/types";
import { LETTER_KINDS, LETTER_STATES } from "./routes";
import { classWord, LETTER_TONE } from "./words";

const KEYS = ["kind", "error_class", "cause", "place", "agent"] as const;

/** What the address asks for, as the server takes it. */
export function useWish(state: ListState): LetterFilter {
  return useMemo(() => {
    const many = Object.fromEntries(KEYS.map((key) => [key, [...state.values(key)]]));
    const [poison] = state.values("poison");
    const [run] = state.values("run");
    return {
      ...many,
      state: run === undefined || state.values("state").length > 0 ? [...state.values("state")] : [...LETTER_STATES],
      ...(poison === undefined ? {} : { poison: poison === "yes" }),
      ...(run === undefined ? {} : { run }),
      ...(state.q ? { text: state.q.slice(0, 200) } : {}),
    } as LetterFilter;
  }, [state.id]);
}

/** The same as an order takes it; states are no part of it: only open letters are acted upon. */
export const selectedBy = (wish: LetterFilter): Selected => ({
  kinds: wish.kind ?? [], error_classes: wish.error_class ?? [], causes: wish.cause ?? [], places: wish.place ?? [], agents: wish.agent ?? [],
  text: wish.text ?? "", rules: [], poison: wish.poison ?? null,
});

/** The filters with how many letters each value has. */
export function useLetterFilters(wish: LetterFilter, state: ListState): { filters: Filter[]; total: number | null } {
  const i18n = useI18n();
  const { t } = i18n;
  const found = useLetterFacets(wish).data;
  const facets = found?.facets;
  const filters = useMemo((): Filter[] => {
    const [run] = state.values("run");
    const [cause] = state.values("cause");
    const count = (of: Record<string, number> | undefined, value: string): number | undefined => (of ? (of[value] ?? 0) : undefined);
    return [
      { key: "state", label: t("dlq.state"), ...(run === undefined ? { usual: t("dlq.state.open") } : {}), values: LETTER_STATES.map((value) => ({ value, label: t(`dlq.state.${value}`), tone: LETTER_TONE[value] })) },
      { key: "kind", label: t("dlq.kind"), values: LETTER_KINDS.map((value) => ({ value, label: t(`dlq.kind.${value}`), count: count(facets?.kind, value) })) },
      { key: "error_class", label: t("dlq.class"), values: Object.entries(facets?.error_class ?? {}).map(([value, many]) => ({ value, count: many, label: classWord(value, i18n) })) },
      { key: "place", label: t("dlq.where"), open: true, values: Object.entries(facets?.place ?? {}).filter(([value]) => value !== "").map(([value, many]) => ({ value, count: many })) },
      { key: "agent", label: t("dlq.agent"), open: true, values: Object.entries(facets?.agent ?? {}).map(([value, many]) => ({ value, count: many })) },
      { key: "poison", label: t("dlq.poison"), single: true, values: [{ value: "yes", label: t("dlq.poison.yes") }, { value: "no", label: t("dlq.poison.no") }] },
      ...(cause === undefined ? [] : [{ key: "cause", label: t("dlq.filter.cause"), open: true, values: state.values("cause").map((value) => ({ value })) }]),
      ...(run === undefined ? [] : [{ key: "run", label: t("dlq.filter.run"), single: true, open: true, values: [{ value: run }] }]),
    ];
  }, [facets, i18n, state.id]);
  return { filters, total: found?.total ?? null };
}
