import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { fetchMatches, type Rule, RULES_KEY, type RuleHit } from "../../api/rules";
import { useListState } from "../../app/listSearch";
import { type I18n, useI18n } from "../../i18n/context";
import { Copy } from "../../ui/Copy";
import { PathText } from "../../ui/PathText";
import { DetailDrawer } from "../../ui/DetailDrawer";
import { Empty } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { typeText } from "../events/say";
import { DecisionOf } from "./trial/DecisionOf";

const PAGE = 50;
const keyOf = ({ row_id, kind }: RuleHit): string => `${kind}:${row_id}`;

/** The events that a rule matched, newest first; each opens with the decision about it. */
export function Matches({ rule }: { rule: Rule }) {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState([]);
  const list = useList({
    queryKey: [RULES_KEY, "matches", rule.rule_id],
    fetch: async (cursor, signal) => {
      const page = await fetchMatches(rule.rule_id, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor };
    },
    keyOf,
  });
  const columns = useMemo(() => columnsOf(i18n, rule.rule_id), [i18n, rule.rule_id]);
  const [kind, rowId] = state.sel?.split(":") ?? [];
  return (
    <>
      <DataTable
        name="rule-matches"
        label={t("rule.tab.matches")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ subject, type }) => subject ?? type ?? ""}
        opens="drawer"
        tools={
          <Link to={"/tasks" as string} search={{ rule: rule.rule_id } as never} className="button small ghost">
            {t("rule.matches.tasks")}
          </Link>
        }
        empty={
          <Empty icon="bell" title={t("rule.matches.empty")}>
            {t("rule.matches.empty.sub")}
          </Empty>
        }
      />
      {rowId !== undefined && (kind === "file" || kind === "event") && (
        <DetailDrawer
          open
          close={() => state.set({ sel: undefined })}
          title={t("decision.title")}
          tools={
            <Link to="/rules/$rule" params={{ rule: rule.rule_id }} search={{ tab: "try", event: rowId, kind }} className="button small">
              {t("rule.matches.try")}
            </Link>
          }
        >
          <p className="row dim small">
            {t("decision.event", { id: rowId })} <Copy text={rowId} what={t("try.row.hint")} />
          </p>
          <DecisionOf kind={kind} rowId={rowId} about={rule.rule_id} />
        </DetailDrawer>
      )}
    </>
  );
}

function columnsOf(i18n: I18n, id: string): Column<RuleHit>[] {
  const { t } = i18n;
  return [
    {
      key: "decided", title: t("rule.matches.decided"), width: 108, phone: "aside",
      render: ({ decided_at: at }) => <TimeText at={at} />, text: ({ decided_at }) => decided_at,
    },
    {
      key: "at", title: t("rule.matches.happened"), width: 108, hideBelow: 1280,
      render: ({ at }) => (at ? <TimeText at={at} /> : <span className="dim">{t("none")}</span>), text: ({ at }) => at,
    },
    {
      key: "type", title: t("rule.matches.type"), width: 116,
      render: ({ type }) => <span className="el" title={type ?? ""}>{type ? typeText(type, i18n) : t("rule.matches.gone")}</span>, text: ({ type }) => type,
    },
    {
      key: "subject", title: t("rule.matches.subject"), primary: true, phone: "title",
      render: ({ subject, row_id }) => <PathText text={subject ?? `#${row_id}`} className="mono" />, text: ({ subject }) => subject,
    },
    {
      key: "id", title: t("rule.matches.id"), width: 128, hideBelow: 1100,
      render: ({ row_id: row }) => (
        <span className="row dim mono small" title={row}>
          …{row.slice(-8)} <Copy text={row} what={t("try.row.hint")} />
        </span>
      ),
      text: ({ row_id }) => row_id,
    },
    { key: "version", title: t("rules.col.version"), width: 62, render: ({ version }) => <span className="mono">{t("version.name", { number: version })}</span>, text: ({ version }) => version },
    {
      key: "drafts", title: t("rule.matches.drafts"), width: 96, align: "end",
      render: ({ drafts, faults }) => (
        <>
          {drafts}
          {faults > 0 && <span className="tag warn">{t("rule.matches.faults", { count: faults })}</span>}
        </>
      ),
      text: ({ drafts }) => drafts,
    },
    {
      key: "handed", title: t("rule.matches.handed"), width: 112, hideBelow: 1100,
      render: ({ handed_at: at }) => (at ? <TimeText at={at} /> : <span className="dim">{t("none")}</span>), text: ({ handed_at }) => handed_at,
    },
    {
      key: "try", title: t("rule.matches.try.short"), width: 84, align: "end", hideBelow: 900,
      render: ({ row_id, kind }) => (
        <Link to="/rules/$rule" params={{ rule: id }} search={{ tab: "try", event: row_id, kind }} className="button small ghost">
          {t("rule.matches.try.short")}
        </Link>
      ),
    },
  ];
}
