import { useMemo } from "react";
import { useDocs } from "../../../api/alertdocs";
import { type AlertWish, useAlertFacets } from "../../../api/alerts";
import type { ListState } from "../../../app/listSearch";
import { useI18n } from "../../../i18n/context";
import type { Filter } from "../../../ui/filter/types";
import { SEVERITIES, STATUSES } from "../routes";
import { personOf, SEVERITY_TONE, STATUS_TONE } from "../words";

const OPEN: NonNullable<AlertWish["status"]> = ["firing", "acknowledged"];

/** What the address asks for, as the server takes it; without a word about it, what is not over. */
export function useAlertWish(state: ListState): AlertWish {
  return useMemo(() => {
    const [held] = state.values("held");
    const status = state.values("status");
    return {
      status: status.length > 0 ? ([...status] as typeof OPEN) : OPEN,
      severity: [...state.values("severity")] as NonNullable<AlertWish["severity"]>,
      rule: [...state.values("rule")],
      label: [...state.values("label")],
      owner: [...state.values("owner")],
      ...(held === undefined ? {} : { held: held === "yes" }),
      ...(state.q ? { text: state.q.slice(0, 200) } : {}),
    };
  }, [state.id]);
}

/** The filters with how many alerts each value has. */
export function useAlertFilters(wish: AlertWish, state: ListState): { filters: Filter[]; total: number | null } {
  const { t } = useI18n();
  const found = useAlertFacets(wish).data;
  const facets = found?.facets;
  const rules = useDocs("rule").data?.items;
  const names = useMemo(() => new Map(rules?.map(({ id, name }) => [id, name])), [rules]);
  const filters = useMemo((): Filter[] => {
    const count = (of: Record<string, number> | undefined, value: string): number | undefined => (of ? (of[value] ?? 0) : undefined);
    return [
      { key: "status", label: t("alerts.status"), usual: t("alerts.show.open"), values: STATUSES.map((value) => ({ value, label: t(`alerts.status.${value}`), tone: STATUS_TONE[value], count: count(facets?.status, value) })) },
      { key: "severity", label: t("alerts.severity"), values: SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`), tone: SEVERITY_TONE[value], count: count(facets?.severity, value) })) },
      { key: "rule", label: t("alerts.rule"), open: true, values: Object.entries(facets?.rule ?? {}).map(([value, many]) => ({ value, count: many, label: names.get(value) ?? value })) },
      { key: "owner", label: t("alerts.owner"), open: true, values: Object.entries(facets?.owner ?? {}).filter(([value]) => value !== "").map(([value, many]) => ({ value, count: many, label: personOf(value) })) },
      { key: "label", label: t("alerts.labels"), open: true, hint: "env=prod", values: [] },
      { key: "held", label: t("alerts.held"), single: true, values: [{ value: "yes", label: t("alerts.held.yes") }, { value: "no", label: t("alerts.held.no") }] },
    ];
  }, [facets, names, t, state.id]);
  return { filters, total: found?.total ?? null };
}
