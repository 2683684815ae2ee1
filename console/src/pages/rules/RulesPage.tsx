import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { fetchRules, type RuleItem, RULES_KEY, useRules } from "../../api/rules";
import { type ListState, useListState } from "../../app/listSearch";
import { PageHead } from "../../app/PageHead";
import { type I18n, useI18n } from "../../i18n/context";
import { FacetPane } from "../../ui/filter/FacetPane";
import type { FacetValue, Filter } from "../../ui/filter/types";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import { useList } from "../../ui/table/useList";
import { useMayWhy } from "../../ui/useMayWhy";
import { useBuiltin } from "../../ui/views/useBuiltin";
import "../../styles/rules.css";
import { ruleColumns } from "./columns";
import { NOTES, RULE_FILTERS, STATES } from "./routes";
import { counted, filtered, ordered, type RuleFilter, STATE_TONE } from "./words";

const keyOf = (rule: RuleItem): string => rule.rule_id;
const VIEW_QUERIES = { todo: { note: ["shadowed", "never"] }, changes: { note: ["pending"] } };

/** Which rules there are, in the order in which they are asked, what they do, and which never do anything. */
export function RulesPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(RULE_FILTERS);
  const filter = useMemo(() => filterOf(state), [state]);
  const list = useList({
    queryKey: [RULES_KEY, "page", filter, state.sort],
    fetch: async (_, signal) => {
      const items = ordered(filtered((await fetchRules(signal)).items, filter), state.sort);
      return { items, next: null, total: items.length };
    },
    keyOf,
  });
  const all = useRules().data?.items;
  const filters = useMemo(() => filtersOf(all ?? [], filter, i18n), [all, filter, i18n]);
  const columns = useMemo(() => ruleColumns(i18n, all ?? []), [i18n, all]);
  const views = useBuiltin(VIEW_QUERIES);
  const write = <Tools />;
  return (
    <div className="stack">
      <PageHead title={t("nav.rules")} scoped={false}>
        <span className="dim">{all !== undefined && t("rules.total", { count: all.length })}</span>
      </PageHead>
      <div className="with-pane">
        <FacetPane filters={filters.filter(({ key, values }) => values.length > 0 || state.values(key).length > 0)} state={state} />
        <section className="card" aria-label={t("nav.rules")}>
          <DataTable<RuleItem>
            name="rules"
            label={t("nav.rules")}
            columns={columns}
            list={list}
            state={state}
            keyOf={keyOf}
            nameOf={({ name }) => name}
            opens={({ rule_id }) => `/rules/${rule_id}`}
            filters={filters}
            views={views}
            search={t("rules.search")}
            tools={write}
            empty={
              <Empty icon="branch" title={t("rules.empty")} action={write}>
                {t("rules.empty.sub")}
              </Empty>
            }
          />
        </section>
      </div>
    </div>
  );
}

function Tools() {
  const { t } = useI18n();
  const mayWhy = useMayWhy();
  const [ordering, writing] = [mayWhy("rules:publish"), mayWhy("rules:write")];
  return (
    <>
      <Link to="/rules/order" className="button small" disabled={ordering !== undefined} title={ordering}>
        <Icon name="grip" size={13} />
        {t("order.open")}
      </Link>
      <Link to="/rules/new" className="button small primary" disabled={writing !== undefined} title={writing}>
        <Icon name="plus" size={13} />
        {t("rules.new")}
      </Link>
    </>
  );
}

const filterOf = (state: ListState): RuleFilter => ({
  q: state.q, state: state.values("state"), note: state.values("note"), action: state.values("action"), owner: state.values("owner"),
});

function filtersOf(rules: readonly RuleItem[], filter: RuleFilter, { t }: I18n): Filter[] {
  const of = (key: "state" | "note" | "action" | "owner"): Map<string, number> => counted(rules, filter, key);
  const states = of("state");
  const notes = of("note");
  const free = (key: "action" | "owner"): FacetValue[] =>
    [...of(key)].filter(([value]) => value !== "").toSorted((a, b) => b[1] - a[1]).map(([value, count]) => ({ value, count }));
  return [
    { key: "state", label: t("rules.col.state"), values: STATES.map((value) => ({ value, label: t(`rules.state.${value}`), tone: STATE_TONE[value], count: states.get(value) ?? 0 })) },
    { key: "note", label: t("rules.note"), values: NOTES.map((value) => ({ value, label: t(`rules.note.${value}`), count: notes.get(value) ?? 0 })) },
    { key: "action", label: t("rules.col.actions"), values: free("action") },
    { key: "owner", label: t("rules.col.owner"), values: free("owner") },
  ];
}
