import type { RuleItem } from "../../api/rules";
import type { I18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Spark } from "../../ui/Spark";
import { Status } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import { notesOf, STATE_TONE, stateOf } from "./words";

/** The columns of the list of rules; `all` names those that shadow others. */
export function ruleColumns({ t, language }: I18n, all: readonly RuleItem[]): Column<RuleItem>[] {
  const names = new Map(all.map(({ rule_id, name }) => [rule_id, name]));
  return [
    {
      key: "name", title: t("rules.col.name"), primary: true, sortable: true, phone: "title",
      render: (rule) => (
        <span className="rule-name">
          <span className="el">{rule.name}</span>
          {notesOf(rule).map((note) => (
            <span key={note} className={note === "pending" ? "tag run" : "tag warn"} title={helpOf(rule, note)}>
              {t(`rules.note.${note}`)}
            </span>
          ))}
        </span>
      ),
      text: ({ name }) => name,
    },
    {
      key: "state", title: t("rules.col.state"), width: 106, phone: "aside",
      render: (rule) => <Status tone={STATE_TONE[stateOf(rule)]}>{t(`rules.state.${stateOf(rule)}`)}</Status>,
      text: stateOf,
    },
    {
      key: "version", title: t("rules.col.version"), width: 64,
      render: ({ published_version: published, version }) => <span className="mono">{t("version.name", { number: published ?? version })}</span>,
      text: ({ published_version: published, version }) => published ?? version,
    },
    { key: "priority", title: t("rules.col.priority"), width: 76, align: "end", sortable: true, render: ({ priority }) => priority, text: ({ priority }) => priority },
    {
      key: "on_match", title: t("rules.col.stop"), width: 72, hideBelow: 1280,
      render: ({ on_match }) => <span className={on_match === "stop" ? "" : "dim"}>{t(`rules.on_match.${on_match}`)}</span>,
      text: ({ on_match }) => on_match,
    },
    {
      key: "actions", title: t("rules.col.actions"), width: 112, hideBelow: 900,
      render: ({ actions }) => <span className="mono el" title={actions.join(", ")}>{actions.join(", ") || t("none")}</span>,
      text: ({ actions }) => actions.join(" "),
    },
    {
      key: "hits", title: t("rules.col.hits"), width: 138, align: "end", sortable: true,
      render: ({ hits_7d: hits, hits_days: days }) => (
        <span className="rule-hits">
          <Spark values={days} color="var(--c1)" height={16} />
          <span>{formatCount(hits, language)}</span>
        </span>
      ),
      text: ({ hits_7d }) => hits_7d,
    },
    {
      key: "last", title: t("rules.col.last"), width: 92, sortable: true, hideBelow: 1100,
      render: ({ last_hit_at: at }) => (at ? <TimeText at={at} relative /> : <span className="dim">{t("rules.never")}</span>),
      text: ({ last_hit_at }) => last_hit_at,
    },
    { key: "owner", title: t("rules.col.owner"), width: 96, hideBelow: 1280, render: ({ owner }) => <span className="el">{owner || t("none")}</span>, text: ({ owner }) => owner },
    {
      key: "updated", title: t("rules.col.updated"), width: 116, sortable: true, optional: true,
      render: ({ updated_at }) => <TimeText at={updated_at} />, text: ({ updated_at }) => updated_at,
    },
    { key: "author", title: t("rules.col.author"), width: 96, optional: true, render: ({ author }) => author, text: ({ author }) => author },
  ];

  function helpOf(rule: RuleItem, note: ReturnType<typeof notesOf>[number]): string {
    return note === "shadowed" ? t("rules.note.shadowed.by", { name: names.get(rule.shadowed_by?.rule_id ?? "") ?? "" }) : t(`rules.note.${note}.help`);
  }
}
