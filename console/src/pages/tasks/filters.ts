import { useMemo } from "react";
import { type TaskFilter, useTaskFacets } from "../../api/tasks";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import { useServerNow } from "../../live/now";
import type { Filter } from "../../ui/filter/types";
import { AGES, EXECUTORS, PRIORITIES, STATES } from "./routes";
import { STATE_TONE } from "./words";

const HOURS: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168 };
const HOUR_MS = 3_600_000;
const STEP_MS = 60_000;

/** What the address asks for, as the server takes it. */
export function useWish(state: ListState): TaskFilter {
  const minute = Math.floor(useServerNow(STEP_MS) / STEP_MS) * STEP_MS;
  const age = state.values("age")[0];
  const since = age === undefined ? undefined : new Date(minute - (HOURS[age] ?? 0) * HOUR_MS).toISOString();
  return useMemo(() => {
    const many = (key: string): string[] => [...state.values(key)];
    const [agent] = state.values("agent");
    const [rule] = state.values("rule");
    const [run] = state.values("run");
    return {
      state: many("state"), type: many("type"), executor: many("executor"), priority: many("priority"), error_class: many("error_class"),
      ...(agent ? { agent } : {}), ...(rule ? { rule } : {}), ...(run ? { run } : {}), ...(state.q ? { text: state.q.slice(0, 200) } : {}), ...(since === undefined ? {} : { since }),
    } as TaskFilter;
  }, [state.id, since]);
}

/** The filters with how many tasks each value has. */
export function useTaskFilters(wish: TaskFilter, state: ListState): { filters: Filter[]; total: number | null } {
  const { t, language } = useI18n();
  const found = useTaskFacets(wish).data;
  const facets = found?.facets;
  const filters = useMemo((): Filter[] => {
    const count = (of: Record<string, number> | undefined, value: string): number | undefined => (of ? (of[value] ?? 0) : undefined);
    const [rule] = state.values("rule");
    const [run] = state.values("run");
    return [
      { key: "state", label: t("task.state"), values: STATES.map((value) => ({ value, label: t(`task.state.${value}`), tone: STATE_TONE[value], count: count(facets?.state, value) })) },
      { key: "type", label: t("task.type"), open: true, values: Object.entries(facets?.type ?? {}).map(([value, many]) => ({ value, count: many })) },
      { key: "error_class", label: t("task.error"), values: Object.entries(facets?.error_class ?? {}).map(([value, many]) => ({ value, count: many, label: wordOf(language, "class", value) })) },
      { key: "priority", label: t("task.priority"), values: PRIORITIES.map((value) => ({ value, label: t(`task.priority.${value}`), count: count(facets?.priority, value) })) },
      { key: "executor", label: t("task.executor"), values: EXECUTORS.map((value) => ({ value, label: t(`task.executor.${value}`), count: count(facets?.executor, value) })) },
      { key: "age", label: t("task.made"), single: true, values: AGES.map((value) => ({ value, label: t(`task.made.${value}`) })) },
      { key: "agent", label: t("task.doer.id"), single: true, open: true, hint: t("task.doer.hint"), values: [] },
      // links of rules lead here with it; nobody knows its ids by heart
      ...(rule === undefined ? [] : [{ key: "rule", label: t("task.rule"), single: true, open: true, hint: t("task.rule.hint"), values: [{ value: rule }] }]),
      ...(run === undefined ? [] : [{ key: "run", label: t("run.one"), single: true, open: true, hint: t("task.run.hint"), values: [{ value: run }] }]),
    ];
  }, [facets, t, language, state.id]);
  return { filters, total: found?.total ?? null };
}
