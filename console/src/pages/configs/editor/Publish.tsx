import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { RequestError } from "../../../api/client";
import { CONFIG_KEY, type Document, type Layer, useVersion, writeVersion } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import { orderOf } from "../../../ui/action/order";
import { Diff, type DiffView } from "../../../ui/diff/Diff";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { useLeaving } from "../../../ui/useLeaving";
import { fieldOf } from "../VersionDiff";
import { Newer } from "./Newer";
import type { Draft } from "./useDraft";

interface Props {
  layer: Layer;
  draft: Draft;
  /** Number of the version that it follows on: the newest one when it was begun or last merged; 0 = none. */
  onto: number;
  /** Goes on with a document, following on another version. */
  take: (document: Document, onto: number) => void;
}

/** What would be written, why, and the act. */
export function Publish({ layer, draft, onto, take }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const why = useMayWhy()("config:write");
  const [reason, setReason] = useState("");
  const [view, setView] = useState<DiffView>("fields");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const written = useRef(false);
  useLeaving(() => draft.dirty && !written.current);
  const base = useVersion(layer.layer_id, onto || undefined).data;
  const next = layer.newest_number + 1;
  const overtaken = layer.newest_number > onto && !written.current;
  const order = useRef(orderOf(""));
  const changes = draft.check?.changes ?? [];
  const texts = useMemo(() => (draft.check ? { before: base?.text ?? "", after: draft.check.text } : undefined), [base?.text, draft.check]);
  const ready = !overtaken && (onto === 0 || base !== undefined) && changes.length > 0 && !draft.checking && draft.check?.faults.length === 0 && reason.trim() !== "" && !state.busy && !why;
  const write = async (): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      // the parent is the revision: the server refuses when it is no longer the newest version
      const draftOf = { layer: layer.layer_id, document: draft.sent, parent: base?.version_id };
      const { version } = await writeVersion(draftOf, { ...order.current, reason: reason.trim() });
      written.current = true;
      Toast.done(t("edit.published", { number: version.number }));
      await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
      await navigate({ to: "/configs/$layer/v/$number", params: { layer: layer.layer_id, number: String(version.number) }, search: { tab: "diff" } });
    } catch (error) {
      // after a refusal the next try is another order; without an answer it may be the same one, done already
      const refused = error instanceof RequestError && error.status >= 400 && error.status < 500;
      if (refused) order.current = orderOf("");
      const conflict = error instanceof RequestError && error.status === 409;
      setState({ busy: false, error: conflict ? null : error });
      if (conflict) {
        await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
        Toast.failed(error);
      }
    }
  };
  const names = { before: base ? t("version.name", { number: base.number }) : t("version.against.empty"), after: t("version.name", { number: next }) };
  return (
    <section className="card publish">
      <header>
        <h2>{base ? t("edit.changes", { number: base.number }) : t("edit.changes.first")}</h2>
      </header>
      <div className="pad">
        {overtaken && <Newer layer={layer} base={base} mine={draft.document} take={take} />}
        {!overtaken && changes.length === 0 && <p className="dim">{t("edit.changes.none")}</p>}
        {!overtaken && changes.length > 0 && <Diff changes={changes.map(fieldOf)} texts={texts} names={names} view={view} onView={setView} />}
      </div>
      <form
        className="publish-foot"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void write();
        }}
      >
        {state.error !== null && <ErrorBlock error={state.error} retry={() => void write()} />}
        <label>
          <span>{t("edit.reason")}</span>
          <input className="input" value={reason} maxLength={500} placeholder={t("edit.reason.hint")} required onChange={(event) => setReason(event.target.value)} />
        </label>
        <button type="submit" className="button primary" disabled={!ready} title={why} aria-busy={state.busy}>
          {changes.length ? t("edit.publish.count", { number: next, count: changes.length }) : t("edit.publish", { number: next })}
        </button>
        <p className="dim small">{t("edit.note")}</p>
      </form>
    </section>
  );
}
