import { useMemo, useState } from "react";
import { actOnDoc, discardDoc, type Doc, type DocKind, type DocVersion, rollbackDoc, useRenewDocs } from "../../../api/alertdocs";
import type { Document, Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { Diff, type DiffView } from "../../../ui/diff/Diff";
import { changesBetween } from "../../rules/changes";

/** What puts documents of alerts into force, takes them back and out of force; each shows first what would change. */

export type Act = "publish" | "retire" | "enable" | "disable" | "discard";

interface Props {
  kind: DocKind;
  doc: Doc;
  act: Act;
  close: () => void;
}

export function DocDialog({ kind, doc, act, close }: Props) {
  const { t } = useI18n();
  const renew = useRenewDocs();
  const number = doc.draft_version ?? doc.version;
  const values = { name: doc.name, number };
  return (
    <ActionDialog
      title={t(`doc.${act}.title`, values)}
      act={act === "publish" ? t("doc.publish.act", { number }) : t(`rule.act.${act}`)}
      width={act === "publish" && doc.published ? 760 : 560}
      close={close}
      preview={async () => ({ revision: String(doc.revision), wayBack: t(`doc.${act}.back`) })}
      previewKey={String(doc.revision)}
      reason={act === "discard" ? "optional" : "required"}
      said={act === "publish" ? doc.reason : ""}
      run={async (order) => {
        const done = await (act === "discard" ? discardDoc(kind, doc.id, order) : actOnDoc(kind, doc.id, act, order));
        renew();
        return done;
      }}
      done={() => t(`doc.${act}.done`, values)}
    >
      {act === "publish" && doc.published ? <Changes before={doc.published} after={doc.document} from={doc.published_version ?? 0} to={number} /> : <p>{t(`doc.${act}.text`)}</p>}
    </ActionDialog>
  );
}

/** An old version comes back as a new one. */
export function BackDialog({ kind, doc, to, close }: { kind: DocKind; doc: Doc; to: DocVersion; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewDocs();
  return (
    <ActionDialog
      title={t("rule.rollback.title", { number: to.version })}
      act={t("rule.rollback.act", { number: to.version })}
      width={760}
      close={close}
      preview={async () => ({ revision: String(doc.revision), wayBack: t("rule.rollback.back") })}
      reason="required"
      suggestions={[t("rule.rollback.suggest")]}
      run={async (order) => {
        const done = await rollbackDoc(kind, doc.id, to.version, order);
        renew();
        return done;
      }}
      done={() => t("rule.rollback.done", { number: to.version })}
    >
      {doc.published && <Changes before={doc.published} after={to.document} from={doc.published_version ?? 0} to={to.version} />}
    </ActionDialog>
  );
}

const asText = (document: Document): string => `${JSON.stringify(document, null, 2)}\n`;

/** What differs between two versions, by fields or as text. */
export function Changes({ before, after, from, to }: { before: Document; after: Document; from: number; to: number }) {
  const { t } = useI18n();
  const [view, setView] = useState<DiffView>("fields");
  const changes = useMemo(() => changesBetween(before as Json, after as Json), [before, after]);
  return <Diff changes={changes} texts={{ before: asText(before), after: asText(after) }} names={{ before: t("version.name", { number: from }), after: t("version.name", { number: to }) }} view={view} onView={setView} />;
}
