import { useState } from "react";
import { type Doc, type DocKind, type DocVersion, useDocVersions } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { QueryState } from "../../../ui/QueryState";
import { Status, type Tone } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { useMayWhy } from "../../../ui/useMayWhy";
import { personOf } from "../words";
import { BackDialog, Changes } from "./Acts";

const TONE: Readonly<Record<DocVersion["state"], Tone>> = { draft: "run", published: "ok", retired: "mute" };

/** Every version of a document, what changed with it, and the way back. */
export function Versions({ kind, doc }: { kind: DocKind; doc: Doc }) {
  const { t } = useI18n();
  const query = useDocVersions(kind, doc.id);
  return (
    <QueryState query={query} rows={4}>
      {({ items }) => (
        <ol className="doc-versions" aria-label={t("rule.tab.versions")}>
          {items.map((version, at) => (
            <One key={version.version} kind={kind} doc={doc} version={version} before={items[at + 1]} />
          ))}
        </ol>
      )}
    </QueryState>
  );
}

function One({ kind, doc, version, before }: { kind: DocKind; doc: Doc; version: DocVersion; before: DocVersion | undefined }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const [open, setOpen] = useState(false);
  const [back, setBack] = useState(false);
  const inForce = version.version === doc.published_version;
  return (
    <li>
      <div className="doc-version">
        <span className="version-tag">{t("version.name", { number: version.version })}</span>
        <Status tone={TONE[version.state]}>{t(`rules.version.${version.state}`)}</Status>
        <TimeText at={version.published_at ?? version.created_at} />
        <span className="dim">{personOf(version.author)}</span>
        <span className="el grow" title={version.reason}>{version.reason || t("none")}</span>
        {before && <button type="button" className="button small ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{t("doc.changes", { number: before.version })}</button>}
        {version.state !== "draft" && !inForce && <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setBack(true)}>{t("rule.act.rollback", { number: version.version })}</button>}
      </div>
      {open && before && <Changes before={before.document} after={version.document} from={before.version} to={version.version} />}
      {back && <BackDialog kind={kind} doc={doc} to={version} close={() => setBack(false)} />}
    </li>
  );
}
