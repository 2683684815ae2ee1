import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { type DocItem, DOCS_KEY, fetchDocs, useDocs } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import { useListState } from "../../../app/listSearch";
import { type I18n, useI18n } from "../../../i18n/context";
import type { Filter } from "../../../ui/filter/types";
import { Icon } from "../../../ui/Icon";
import { Empty } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { DataTable } from "../../../ui/table/DataTable";
import type { Column } from "../../../ui/table/types";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import "../../../styles/rules.css";
import { AlertParts } from "../AlertParts";
import { ALERT_RULE_FILTERS, DOC_STATES, SEVERITIES } from "../routes";
import { personOf, SEVERITY_TONE } from "../words";
import { STATE_TONE, stateOf, textOf } from "./words";

const keyOf = (rule: DocItem): string => rule.id;

/** Which events become alerts: the rules there are, and whether they are in force. */
export function AlertRulesPage() {
  const { t } = useI18n();
  const count = useDocs("rule").data?.items.length;
  return (
    <AlertParts title={t("alerts.part.rules")} head={count !== undefined && <span className="dim">{t("rules.total", { count })}</span>}>
      <Loaded />
    </AlertParts>
  );
}

function Loaded() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(ALERT_RULE_FILTERS);
  const [text, states, severities] = [state.q.trim().toLowerCase(), state.values("state"), state.values("severity")];
  const list = useList({
    queryKey: [DOCS_KEY, "rule", "page", state.id],
    fetch: async (_, signal) => {
      const { items } = await fetchDocs("rule", signal); // there are at most some hundreds: all come at once
      const found = items.filter((rule) => (!text || rule.name.toLowerCase().includes(text) || rule.id.includes(text)) && (!states.length || states.includes(stateOf(rule))) && (!severities.length || severities.includes(textOf(rule.document, "severity"))));
      return { items: found, next: null, total: found.length };
    },
    keyOf,
  });
  const filters = useMemo((): Filter[] => [
    { key: "state", label: t("rules.col.state"), values: DOC_STATES.map((value) => ({ value, label: t(`alertrule.state.${value}`), tone: STATE_TONE[value] })) },
    { key: "severity", label: t("alerts.severity"), values: SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`), tone: SEVERITY_TONE[value] })) },
  ], [t]);
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const write = <New />;
  return (
    <section className="card" aria-label={t("alerts.part.rules")}>
      <DataTable<DocItem>
        name="alert-rules"
        label={t("alerts.part.rules")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ name }) => name}
        opens={({ id }) => `/alerts/rules/${id}`}
        filters={filters}
        search={t("alertrule.search")}
        tools={write}
        empty={<Empty icon="branch" title={t("alertrule.empty")} action={write}>{t("alertrule.empty.sub")}</Empty>}
      />
    </section>
  );
}

function New() {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  return (
    <Link to={"/alerts/rules/new" as string} className="button small primary" disabled={why !== undefined} title={why}>
      <Icon name="plus" size={13} />
      {t("alertrule.new")}
    </Link>
  );
}

function columnsOf(i18n: I18n): Column<DocItem>[] {
  const { t } = i18n;
  return [
    {
      key: "name", title: t("rules.col.name"), primary: true, phone: "title", text: ({ name }) => name,
      render: ({ name, draft_version: draft, published_version: now, built_in: built }) => (
        <span className="rule-name">
          <span className="el" title={name}>{name}</span>
          {built && <span className="tag">{t("alertrule.built_in")}</span>}
          {draft !== null && now !== null && <span className="tag run">{t("rule.draft", { number: draft })}</span>}
        </span>
      ),
    },
    { key: "state", title: t("rules.col.state"), width: 96, phone: "aside", render: (rule) => <Status tone={STATE_TONE[stateOf(rule)]}>{t(`alertrule.state.${stateOf(rule)}`)}</Status>, text: stateOf },
    {
      key: "severity", title: t("alerts.severity"), width: 104, phone: "line", text: ({ document }) => textOf(document, "severity"),
      render: ({ document }) => <Severity word={textOf(document, "severity")} i18n={i18n} />,
    },
    { key: "chain", title: t("alertrule.chain"), width: 160, hideBelow: 900, phone: "line", render: ({ document }) => <span className="el dim">{textOf(document, "chain") || t("alertrule.chain.none")}</span>, text: ({ document }) => textOf(document, "chain") },
    { key: "open", title: t("alertrule.open.short"), width: 84, align: "end", phone: "line", render: ({ open_alerts: open }) => (open ? <strong>{open}</strong> : <span className="dim">{open ?? t("none")}</span>), text: ({ open_alerts: open }) => open },
    { key: "week", title: t("alertrule.week"), width: 96, align: "end", hideBelow: 900, phone: "none", render: ({ alerts_7d: week }) => week ?? t("none"), text: ({ alerts_7d: week }) => week },
    { key: "version", title: t("rules.col.version"), width: 72, hideBelow: 1100, render: ({ published_version: now, version }) => <span className="version-tag">{t("version.name", { number: now ?? version })}</span>, text: ({ published_version: now, version }) => now ?? version },
    { key: "author", title: t("rules.col.author"), width: 120, hideBelow: 1100, render: ({ author }) => <span className="el dim">{personOf(author)}</span>, text: ({ author }) => author },
    { key: "updated", title: t("rules.col.updated"), width: 118, phone: "none", render: ({ updated_at: at }) => <TimeText at={at} />, text: ({ updated_at: at }) => at },
  ];
}

function Severity({ word, i18n: { t } }: { word: string; i18n: I18n }) {
  const known = SEVERITIES.find((one) => one === word);
  return known ? <Status tone={SEVERITY_TONE[known]}>{t(`severity.${known}`)}</Status> : <span className="dim">{t("alertrule.severity.event")}</span>;
}
