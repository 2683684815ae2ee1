import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Entry, useHistory } from "../../api/audit";
import { useVersionById, useVersionDiff } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { Copy } from "../../ui/Copy";
import { Diff, type DiffView } from "../../ui/diff/Diff";
import { FieldDiff } from "../../ui/diff/FieldDiff";
import { Icon } from "../../ui/Icon";
import { QueryState } from "../../ui/QueryState";
import { Tabs } from "../../ui/Tabs";
import { TimeText } from "../../ui/TimeText";
import { Aftermath } from "./Aftermath";
import { Back } from "./Back";
import { Facts } from "./Facts";
import type { AuditTab } from "./routes";
import { changesOf, summaryOf, verbOf, whatOf, whoOf } from "./sentence";

/** Who did what to which thing, as one sentence. */
export function Sentence({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const words = { t, language };
  return <>{t("audit.say", { who: whoOf(entry, words), verb: verbOf(entry.action, language), what: whatOf(entry, words) })}</>;
}

/** One entry: its facts, what changed, the object's history, what came after, the way back. */
export function EntryDetail({ entry, close }: { entry: Entry; close?: () => void }) {
  const { t, language } = useI18n();
  const search = useSearch({ strict: false }) as { tab?: AuditTab };
  const navigate = useNavigate();
  const changes = useMemo(() => changesOf(entry, { t, language }), [entry, t, language]);
  const isVersion = entry.resource.kind === "config_version";
  const keys = isVersion ? (["changes", "diff", "json", "history"] as const) : (["changes", "json", "history"] as const);
  const tab = (keys as readonly AuditTab[]).includes(search.tab ?? "changes") ? (search.tab ?? "changes") : "changes";
  const tabs = keys.map((key) => ({ key, label: t(`audit.tab.${key}`), ...(key === "changes" ? { count: changes.length } : {}) }));
  return (
    <div className="entry">
      {close && (
        <header className="entry-head">
          <h2>
            <Sentence entry={entry} />
          </h2>
          <span className="row">
            <Back entry={entry} />
            <Link to="/audit/$seq" params={{ seq: String(entry.seq) }} className="button ghost small square" aria-label={t("audit.open")} title={t("audit.open")}>
              <Icon name="link" size={13} />
            </Link>
            <button type="button" className="button ghost small square" aria-label={t("detail.close")} onClick={close}>
              <Icon name="x" size={13} />
            </button>
          </span>
        </header>
      )}
      {!close && (
        <div className="entry-back">
          <Back entry={entry} />
        </div>
      )}
      <Facts entry={entry} />
      <Tabs<AuditTab>
        label={t("audit.tab")}
        tabs={tabs}
        value={tab}
        onChange={(next) => void navigate({ to: ".", search: ((old: object) => ({ ...old, tab: next })) as never, replace: true, resetScroll: false })}
      >
        <div className="pad">
          {tab === "changes" && (changes.length ? <FieldDiff changes={changes} /> : <p className="dim">{t("audit.changes.none")}</p>)}
          {tab === "diff" && <WholeDiff entry={entry} />}
          {tab === "json" && <Json entry={entry} />}
          {tab === "history" && <History entry={entry} />}
        </div>
      </Tabs>
      <Aftermath entry={entry} />
    </div>
  );
}

/** Of a version: the documents before and after, as text. */
function WholeDiff({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const after = useVersionById(entry.resource.id);
  const before = useVersionById(after.data?.parent_id);
  const diff = useVersionDiff(entry.resource.id, after.data?.parent_id);
  const [view, setView] = useState<DiffView>("unified");
  const texts = useMemo(() => (after.data ? { before: before.data?.text ?? "", after: after.data.text } : undefined), [before.data, after.data]);
  return (
    <QueryState query={after} rows={6} object={{ what: t("version.what"), id: entry.resource.id }}>
      {(version) => (
        <Diff
          changes={diff.data ? diff.data.changes.map(({ pointer, kind, old, new: now }) => ({ path: pointer, kind, before: old, after: now })) : changesOf(entry, { t, language })}
          texts={version.parent_id === null || before.data ? texts : undefined}
          names={{
            before: before.data ? t("version.name", { number: before.data.number }) : t("version.against.empty"),
            after: t("version.name", { number: version.number }),
          }}
          view={view}
          onView={setView}
        />
      )}
    </QueryState>
  );
}

function Json({ entry }: { entry: Entry }) {
  const { t } = useI18n();
  const text = JSON.stringify(entry, null, 2);
  return (
    <div className="yaml-shown">
      <Copy text={text} what={t("audit.json.copy")} />
      <pre className="code" tabIndex={0} aria-label={t("audit.tab.json")}>
        {text}
      </pre>
    </div>
  );
}

function History({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const words = { t, language };
  const history = useHistory(entry.resource.kind, entry.resource.id, true);
  return (
    <QueryState query={history} rows={4}>
      {({ items, next_cursor: next }) => (
        <>
          <ol className="history">
            {items.map((one) => (
              <li key={one.seq} aria-current={one.seq === entry.seq ? "true" : undefined}>
                <TimeText at={one.at} />
                <Link to="." search={((old: object) => ({ ...old, sel: String(one.seq), tab: undefined })) as never} replace>
                  {whoOf(one, words)} {verbOf(one.action, language)}
                </Link>
                <span className="dim el">{summaryOf(one, words)}</span>
              </li>
            ))}
          </ol>
          {next && <p className="dim small">{t("audit.history.more")}</p>}
        </>
      )}
    </QueryState>
  );
}
