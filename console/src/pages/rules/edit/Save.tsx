import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { RequestError } from "../../../api/client";
import type { Document, Json } from "../../../api/configs";
import { createRule, type Rule, RULES_KEY, writeRule } from "../../../api/rules";
import { useKeys } from "../../../app/keys";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import { orderOf } from "../../../ui/action/order";
import { Conflict } from "../../../ui/action/Effect";
import { Diff, type DiffView } from "../../../ui/diff/Diff";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useLeaving } from "../../../ui/useLeaving";
import { PublishDialog } from "../Acts";
import { changesInWords } from "../inWords";
import type { RuleDraft } from "./form";

interface Props {
  rule: Rule | undefined;
  draft: RuleDraft;
  /** Of the rule when the writing began. */
  revision: number | undefined;
}

/** What differs from the version in force, why, and the draft being kept; publishing comes after it. */
export function Save({ rule, draft, revision: began }: Props) {
  const i18n = useI18n();
  const { t } = i18n;
  const navigate = useNavigate();
  const why = useMayWhy()("rules:write");
  const mayPublish = useMayWhy()("rules:publish");
  const [reason, setReason] = useState("");
  const [view, setView] = useState<DiffView>("fields");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const [revision, setRevision] = useState(began);
  const [publishing, setPublishing] = useState<Rule>();
  const saved = useRef("");
  const order = useRef(orderOf(""));
  const word = JSON.stringify(draft.sent);
  const unsaved = draft.dirty && saved.current !== word;
  useLeaving(() => unsaved);
  const { check, document } = draft;
  const ready = document !== null && check?.faults.length === 0 && !draft.checking && !state.busy && why === undefined;
  const save = async (then: "stay" | "publish"): Promise<void> => {
    if (!ready || document === null) return;
    setState({ busy: true, error: null });
    try {
      const sent: Document = document;
      const wish = { ...order.current, reason: reason.trim(), revision: revision === undefined ? undefined : String(revision) };
      const kept = rule ? await writeRule(rule.rule_id, sent, wish) : await createRule(sent, wish);
      saved.current = word;
      order.current = orderOf("");
      setRevision(kept.revision);
      setState({ busy: false, error: null });
      Toast.done(t("rule.saved", { number: kept.draft_version ?? kept.version }));
      await queryClient.invalidateQueries({ queryKey: [RULES_KEY] });
      if (then === "publish") setPublishing(kept);
      else if (!rule) await navigate({ to: "/rules/$rule", params: { rule: kept.rule_id } });
    } catch (error) {
      // after a refusal the next try is another order; without an answer it may be the same one, done already
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) order.current = orderOf("");
      setState({ busy: false, error });
    }
  };
  /** After another one's change was shown: writing over it is meant then. */
  const goOn = async (): Promise<void> => {
    const key = [RULES_KEY, "one", rule?.rule_id];
    await queryClient.refetchQueries({ queryKey: key });
    setRevision(queryClient.getQueryData<Rule>(key)?.revision);
    setState({ busy: false, error: null });
  };
  const overtaken = rule !== undefined && revision !== undefined && rule.revision > revision && !state.busy;
  useKeys([{ key: "mod+s", label: "rule.save", run: (event) => (event.preventDefault(), void save("stay")) }]);
  const changes = useMemo(() => (rule?.published && document !== null ? changesInWords(rule.published as Json, document, i18n) : []), [rule, document, i18n]);
  const conflict = state.error instanceof RequestError && state.error.status === 409 && state.error.code === "revision_changed" ? state.error : null;
  return (
    <form
      className="publish-foot"
      onSubmit={(event) => {
        event.preventDefault();
        void save("stay");
      }}
    >
      {overtaken && !conflict && <p className="notice warn">{t("rule.overtaken", { author: rule.author })}</p>}
      {changes.length > 0 && (
        <details className="schema-block">
          <summary>
            {t("rule.changes", { number: rule?.published_version ?? 0 })} <span className="tab-count">{changes.length}</span>
          </summary>
          <Diff changes={changes} names={{ before: t("version.name", { number: rule?.published_version ?? 0 }), after: t("rule.draft.word") }} view={view} onView={setView} />
        </details>
      )}
      {conflict ? (
        <Conflict error={conflict} again={() => void goOn()} />
      ) : (
        state.error !== null && <ErrorBlock error={state.error} retry={() => void save("stay")} />
      )}
      <div className="row wrap">
        <label className="grow labelled">
          <span>{t("edit.reason")}</span>
          <input className="input" value={reason} maxLength={500} placeholder={t("rule.reason.hint")} onChange={(event) => setReason(event.target.value)} />
        </label>
        <button type="submit" className="button" disabled={!ready} title={why} aria-busy={state.busy}>
          {t("rule.save")}
        </button>
        <button type="button" className="button primary" disabled={!ready || mayPublish !== undefined} title={mayPublish ?? why} onClick={() => void save("publish")}>
          {t("rule.save.publish")}
        </button>
      </div>
      <p className="dim small">{t("rule.save.note")}</p>
      {publishing && (
        <PublishDialog
          rule={publishing}
          close={() => {
            setPublishing(undefined);
            void navigate({ to: "/rules/$rule", params: { rule: publishing.rule_id } });
          }}
        />
      )}
    </form>
  );
}
