import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { type Doc, useRenewDocs, writeDoc } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import { RequestError } from "../../../api/client";
import type { Json } from "../../../api/configs";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { Conflict } from "../../../ui/action/Effect";
import { orderOf } from "../../../ui/action/order";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useLeaving } from "../../../ui/useLeaving";
import { changesBetween } from "../../rules/changes";
import { Changes, DocDialog } from "../docs/Acts";
import type { RuleEdit } from "./EditPage";

/** What differs from the version in force, why, and the draft being kept; publishing comes after it. */
export function Save({ rule, draft }: { rule: Doc | undefined; draft: RuleEdit }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenewDocs();
  const why = useMayWhy()(WRITE);
  const [reason, setReason] = useState("");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const [revision, setRevision] = useState(rule?.revision);
  const [id, setId] = useState(rule?.id);
  const [publishing, setPublishing] = useState<Doc>();
  const saved = useRef("");
  const order = useRef(orderOf(""));
  const word = JSON.stringify(draft.sent);
  const unsaved = draft.dirty && saved.current !== word;
  useLeaving(() => unsaved);
  const { check, document } = draft;
  const ready = document !== null && check?.faults.length === 0 && !draft.checking && !state.busy && why === undefined;
  const failed = check?.failed_tests.length ?? 0;
  const leave = (to: string): void => void navigate({ to: "/alerts/rules/$rule", params: { rule: to } });
  const save = async (then: "stay" | "publish"): Promise<void> => {
    if (!ready || document === null) return;
    setState({ busy: true, error: null });
    try {
      const kept = await writeDoc("rule", id, document, { ...order.current, reason: reason.trim(), revision: revision === undefined ? undefined : String(revision) });
      saved.current = word;
      order.current = orderOf("");
      setId(kept.id);
      setRevision(kept.revision);
      setState({ busy: false, error: null });
      Toast.done(t("rule.saved", { number: kept.draft_version ?? kept.version }));
      renew();
      if (then === "publish") setPublishing(kept);
      else if (!rule) leave(kept.id);
    } catch (error) {
      // after a refusal the next try is another order; without an answer it may be the same one, done already
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) order.current = orderOf("");
      setState({ busy: false, error });
    }
  };
  useKeys([{ key: "mod+s", label: "rule.save", run: (event) => (event.preventDefault(), void save("stay")) }]);
  const changes = useMemo(() => (rule?.published && document !== null ? changesBetween(rule.published as Json, document as Json).length : 0), [rule, document]);
  const conflict = state.error instanceof RequestError && state.error.status === 409 && state.error.code === "revision_changed" ? state.error : null;
  return (
    <form
      className="publish-foot"
      onSubmit={(event) => {
        event.preventDefault();
        void save("stay");
      }}
    >
      {changes > 0 && rule?.published && document !== null && (
        <details className="schema-block">
          <summary>
            {t("rule.changes", { number: rule.published_version ?? 0 })} <span className="tab-count">{changes}</span>
          </summary>
          <Changes before={rule.published} after={document} from={rule.published_version ?? 0} to={rule.version + 1} />
        </details>
      )}
      {conflict ? <Conflict error={conflict} again={() => leave(id ?? "")} /> : state.error !== null && <ErrorBlock error={state.error} retry={() => void save("stay")} />}
      <div className="row wrap">
        <label className="grow labelled">
          <span>{t("edit.reason")}</span>
          <input className="input" value={reason} maxLength={500} placeholder={t("rule.reason.hint")} onChange={(event) => setReason(event.target.value)} />
        </label>
        <button type="submit" className="button" disabled={!ready} title={why} aria-busy={state.busy}>{t("rule.save")}</button>
        <button type="button" className="button primary" disabled={!ready || failed > 0} title={why ?? (failed > 0 ? t("rule.verdict.tests", { count: failed }) : undefined)} onClick={() => void save("publish")}>{t("rule.save.publish")}</button>
      </div>
      <p className="dim small">{t("rule.save.note")}</p>
      {publishing && (
        <DocDialog
          kind="rule"
          doc={publishing}
          act="publish"
          close={() => {
            setPublishing(undefined);
            leave(publishing.id);
          }}
        />
      )}
    </form>
  );
}
