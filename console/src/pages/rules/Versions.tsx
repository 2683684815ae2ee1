import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Document, Json } from "../../api/configs";
import { fetchRuleVersions, type Rule, RULES_KEY, type RuleVersion, useRuleVersion } from "../../api/rules";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { Diff } from "../../ui/diff/Diff";
import { QueryState } from "../../ui/QueryState";
import { Empty } from "../../ui/StateBlock";
import { Status, type Tone } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { RollbackDialog } from "./Acts";
import { changesInWords } from "./inWords";
import { useYaml } from "./useYaml";

const PAGE = 50;
const keyOf = ({ version }: RuleVersion): string => String(version);
const TONE: Readonly<Record<RuleVersion["state"], Tone>> = { published: "ok", draft: "run", retired: "mute" };

/** Every version of a rule, newest first, and how any two differ. */
export function Versions({ rule }: { rule: Rule }) {
  const { t } = useI18n();
  const state = useListState([]);
  const [back, setBack] = useState<RuleVersion>();
  const why = useMayWhy()("rules:publish");
  const navigate = useNavigate({ from: "/rules/$rule" });
  const search = useSearch({ from: "/rules/$rule" });
  const list = useList({
    queryKey: [RULES_KEY, "versions", rule.rule_id, rule.revision],
    fetch: async (cursor, signal) => {
      const page = await fetchRuleVersions(rule.rule_id, cursor === null ? undefined : Number(cursor), PAGE, signal);
      return { items: page.items, next: page.next_before === null ? null : String(page.next_before) };
    },
    keyOf,
  });
  const shown = search.v ?? rule.version;
  const against = search.against ?? (rule.published_version !== null && rule.published_version !== shown ? rule.published_version : shown - 1);
  const columns = useMemo<Column<RuleVersion>[]>(
    () => [
      {
        key: "version", title: t("rules.col.version"), width: 70, primary: true, phone: "title",
        render: ({ version }) => (
          <button
            type="button"
            className="linkish mono"
            aria-pressed={version === shown}
            onClick={() => void navigate({ search: (old) => ({ ...old, v: version, against: undefined }), replace: true, resetScroll: false })}
          >
            <strong>{t("version.name", { number: version })}</strong>
          </button>
        ),
        text: ({ version }) => version,
      },
      {
        key: "state", title: t("rules.col.state"), width: 92, phone: "aside",
        render: ({ state: word }) => <Status tone={TONE[word]}>{t(`rules.version.${word}`)}</Status>,
        text: ({ state: word }) => word,
      },
      { key: "author", title: t("rules.col.author"), width: 110, render: ({ author }) => author, text: ({ author }) => author },
      {
        key: "time", title: t("rules.col.published"), width: 124,
        render: ({ published_at: at, created_at }) => (at ? <TimeText at={at} /> : <span className="dim"><TimeText at={created_at} /></span>),
        text: ({ published_at: at, created_at }) => at ?? created_at,
      },
      { key: "reason", title: t("versions.reason"), render: ({ reason }) => <span className="el" title={reason}>{reason || t("none")}</span>, text: ({ reason }) => reason },
      {
        key: "acts", title: t("rules.col.acts"), width: 170, align: "end",
        render: (version) => (
          <span className="row end">
            <Link to="/rules/$rule/edit" params={{ rule: rule.rule_id }} search={{ base: version.version }} className="button small ghost">
              {t("rule.edit.from")}
            </Link>
            {version.state === "retired" && (
              <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setBack(version)}>
                {t("rule.act.rollback", { number: version.version })}
              </button>
            )}
          </span>
        ),
      },
    ],
    [t, rule.rule_id, shown, why, navigate],
  );
  return (
    <>
      <DataTable
        name="rule-versions"
        label={t("rule.tab.versions")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ version }) => t("version.name", { number: version })}
        empty={<Empty title={t("none")} />}
      />
      <div className="pad">
        {against > 0 ? <Compared rule={rule} version={shown} against={against} /> : <p className="dim">{t("rule.versions.first")}</p>}
      </div>
      {back && <RollbackDialog rule={rule} to={back} close={() => setBack(undefined)} />}
    </>
  );
}

interface ComparedProps {
  rule: Rule;
  version: number;
  against: number;
}

function Compared({ rule, version, against }: ComparedProps) {
  const { t } = useI18n();
  const navigate = useNavigate({ from: "/rules/$rule" });
  const { diff } = useSearch({ from: "/rules/$rule" });
  const after = useRuleVersion(rule.rule_id, version);
  const before = useRuleVersion(rule.rule_id, against);
  const numbers = Array.from({ length: Math.max(rule.version, rule.published_version ?? 0, rule.draft_version ?? 0) }, (_, index) => index + 1).reverse();
  return (
    <section aria-label={t("rule.versions.diff")}>
      <label className="against">
        <span className="dim">{t("rule.versions.against", { number: version })}</span>
        <select className="input" value={against} onChange={(event) => void navigate({ search: (old) => ({ ...old, v: version, against: Number(event.target.value) }), replace: true, resetScroll: false })}>
          {numbers.filter((number) => number !== version).map((number) => (
            <option key={number} value={number}>
              {t("version.name", { number })}
            </option>
          ))}
        </select>
      </label>
      <QueryState query={before} rows={3} object={{ what: t("rule.version.what"), id: `v${against}` }}>
        {(old) => (
          <QueryState query={after} rows={3} object={{ what: t("rule.version.what"), id: `v${version}` }}>
            {(now) => <Both old={old} now={now} view={diff ?? "fields"} onView={(next) => void navigate({ search: (was) => ({ ...was, diff: next }), replace: true, resetScroll: false })} />}
          </QueryState>
        )}
      </QueryState>
    </section>
  );
}

interface BothProps {
  old: RuleVersion;
  now: RuleVersion;
  view: "fields" | "unified" | "split";
  onView: (view: "fields" | "unified" | "split") => void;
}

function Both({ old, now, view, onView }: BothProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const changes = useMemo(() => changesInWords(old.rule as Json, now.rule as Json, i18n), [old, now, i18n]);
  const before = useYaml(old.rule as Document);
  const after = useYaml(now.rule as Document);
  const texts = before !== undefined && after !== undefined ? { before, after } : undefined;
  return <Diff changes={changes} texts={texts} names={{ before: t("version.name", { number: old.version }), after: t("version.name", { number: now.version }) }} view={view} onView={onView} />;
}
