import { useCallback, useMemo } from "react";
import { type AgentFacets, type AgentFilter, type AgentPage, type AgentSummary, fetchAgents, useAgentFacets, useGroupList } from "../../../api/agents";
import { useMay } from "../../../api/account";
import type { ListState } from "../../../app/listSearch";
import { useScope } from "../../../app/useRange";
import { type I18n, useI18n } from "../../../i18n/context";
import { CONDITION_TONE, CONDITIONS } from "../../../ui/conditions";
import type { FacetValue, Filter } from "../../../ui/filter/types";
import { useList } from "../../../ui/table/useList";
import { filterOf, FINDINGS, NO_CONFIG, sortOf } from "../search";
import { codeText, partsText, shortHash, STANDING_TONE } from "../words";

const byId = (agent: AgentSummary): string => agent.agent_id;

/** The agents of the address, page after page. */
export function useFleetList(state: ListState) {
  const scope = useScope();
  const filter = useMemo(() => filterOf(state, scope), [state, scope.env, scope.group]);
  const sort = sortOf(state.sort);
  const fetch = useCallback(
    async (cursor: string | null, signal: AbortSignal) => pageOf(await fetchAgents(filter, sort, cursor, signal)),
    [filter, sort],
  );
  const list = useList<AgentSummary, ReturnType<typeof pageOf>>({ queryKey: ["agents", "list", filter, sort], fetch, keyOf: byId });
  return { filter, list };
}

const pageOf = (page: AgentPage) => ({ items: page.items, next: page.next_cursor, total: page.total });

const counted = (counts: Record<string, number>, label?: (value: string) => string): FacetValue[] =>
  Object.entries(counts).map(([value, count]) => ({ value, count, ...(label ? { label: label(value) } : {}) }));

/** The filters with how many agents each value has. */
export function useFleetFilters(filter: AgentFilter): Filter[] {
  const i18n = useI18n();
  const may = useMay();
  const facets = useAgentFacets(filter).data?.facets;
  const groups = useGroupList(may("fleet:read")).data?.items;
  const names = useMemo(() => new Map((groups ?? []).map(({ group_id, name }) => [group_id, name])), [groups]);
  return useMemo(() => filtersOf(facets ?? null, (id) => names.get(id) ?? id, i18n), [facets, names, i18n]);
}

function filtersOf(facets: AgentFacets | null, groupName: (id: string) => string, i18n: I18n): Filter[] {
  const { t } = i18n;
  const conditions = CONDITIONS.map((value) => ({
    value, label: t(`condition.${value}`), tone: CONDITION_TONE[value], count: facets?.conditions[value],
  }));
  const standings = Object.entries(facets?.standings ?? {}).map(([value, count]) => {
    const known = value as keyof typeof STANDING_TONE;
    return { value, count, label: t(`standing.${known}`), tone: STANDING_TONE[known] };
  });
  const configs = (facets?.configs ?? []).map(({ hash, parts, agents }) => ({
    value: hash || NO_CONFIG,
    count: agents,
    label: hash ? (parts.length ? partsText(parts, i18n) : shortHash(hash)) : t("agents.config.own"),
  }));
  const labels = Object.entries(facets?.labels ?? {}).flatMap(([name, values]) =>
    Object.entries(values).map(([value, count]) => ({ value: value ? `${name}=${value}` : name, count })),
  );
  labels.sort((a, b) => b.count - a.count);
  return [
    { key: "condition", label: t("agents.condition"), values: conditions.filter(({ value, count }) => count || value === "online") },
    { key: "finding", label: t("agents.finding"), values: FINDINGS.map((value) => ({ value, label: t(`agents.finding.${value}`) })) },
    { key: "in", label: t("agents.group"), values: counted(facets?.groups ?? {}, groupName) },
    { key: "standing", label: t("agents.standing"), values: standings },
    { key: "config", label: t("agents.config"), values: configs },
    { key: "version", label: t("agents.release"), values: counted(facets?.versions ?? {}) },
    { key: "labels", label: t("agents.labels"), values: labels.slice(0, 10), open: true },
    { key: "os", label: t("agents.os"), values: counted(facets?.systems ?? {}) },
    { key: "problem", label: t("agents.problem"), values: counted(facets?.problems ?? {}, (code) => codeText(code, i18n)) },
  ];
}
