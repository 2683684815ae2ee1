import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { checkDoc, type DocItem, type DocKind, DOCS_KEY, useRenewDocs, writeDoc } from "../../../api/alertdocs";
import type { Document } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { ErrorBlock } from "../../../ui/StateBlock";
import { useLater } from "../../../ui/useLater";
import { FaultsContext } from "../../rules/edit/form";
import { Faults } from "../rules/fields";
import { AlertDraft } from "../rules/form";

const QUIET_MS = 300;

interface Props {
  kind: DocKind;
  /** What is changed; none = it is new. */
  doc: DocItem | undefined;
  start: Document;
  title: string;
  close: () => void;
  children: (document: Document, sound: boolean) => ReactNode;
}

/** A short document, written and put into force at once; the server says what is wrong while it is typed. */
export function DocForm({ kind, doc, start, title, close, children }: Props) {
  const { t } = useI18n();
  const renew = useRenewDocs();
  const [document, setDocument] = useState(start);
  const later = useLater(document, QUIET_MS);
  const check = useQuery({
    queryKey: [DOCS_KEY, kind, "check", doc?.id, later],
    queryFn: ({ signal }) => checkDoc(kind, later, doc?.id, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const faults = check.data?.faults ?? [];
  const sound = later === document && check.data !== undefined && !check.isPlaceholderData && faults.length === 0;
  const same = doc !== undefined && JSON.stringify(document) === JSON.stringify(start);
  return (
    <ActionDialog
      title={title}
      act={t("doc.save")}
      width={720}
      close={close}
      ready={sound && !same}
      run={async (order) => {
        const kept = await writeDoc(kind, doc?.id, document, { ...order, revision: doc === undefined ? undefined : String(doc.revision) }, true);
        renew();
        return kept;
      }}
      done={(kept) => t("doc.publish.done", { name: kept?.name ?? "", number: kept?.published_version ?? 1 })}
    >
      <FaultsContext value={faults}>
        <AlertDraft value={{ document, setDocument }}>
          <div className="alert-form">
            {children(document, sound)}
            <Faults at="" />
          </div>
        </AlertDraft>
      </FaultsContext>
      {check.error && <ErrorBlock error={check.error} retry={() => void check.refetch()} />}
    </ActionDialog>
  );
}
