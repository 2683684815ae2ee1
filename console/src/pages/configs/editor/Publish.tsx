import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { RequestError } from "../../../api/client";
import { CONFIG_KEY, type Layer, useVersion, writeVersion } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import { Diff, type DiffView } from "../../../ui/diff/Diff";
import { ErrorBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { Toast } from "../../../ui/toast";
import { useMayWhy } from "../../../ui/useMayWhy";
import { fieldOf } from "../VersionDiff";
import type { Draft } from "./useDraft";

interface Props {
  layer: Layer;
  draft: Draft;
  /** The version it was made from. */
  number: number | undefined;
}

/** What would be written, why, and the act. */
export function Publish({ layer, draft, number }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const why = useMayWhy()("config:write");
  const [reason, setReason] = useState("");
  const [view, setView] = useState<DiffView>("fields");
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const written = useRef(false);
  useBlocker({ shouldBlockFn: () => draft.dirty && !written.current && !window.confirm(t("edit.leave")), enableBeforeUnload: () => draft.dirty && !written.current });
  // the newest version: what a new one is compared with, and follows on
  const base = useVersion(layer.layer_id, layer.newest_number || number).data;
  const next = layer.newest_number + 1;
  const changes = draft.check?.changes ?? [];
  const texts = useMemo(() => (draft.check ? { before: base?.text ?? "", after: draft.check.text } : undefined), [base?.text, draft.check]);
  const conflict = state.error instanceof RequestError && state.error.status === 409;
  const ready = changes.length > 0 && !draft.checking && draft.check?.faults.length === 0 && reason.trim() !== "" && !state.busy && !why;
  const write = async (): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      const { version } = await writeVersion({ layer: layer.layer_id, document: draft.sent, reason: reason.trim(), parent: base?.version_id });
      written.current = true;
      Toast.done(t("edit.published", { number: version.number }));
      await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
      await navigate({ to: "/configs/$layer/v/$number", params: { layer: layer.layer_id, number: String(version.number) }, search: { tab: "diff" } });
    } catch (error) {
      setState({ busy: false, error });
      if (error instanceof RequestError && error.status === 409) void queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
    }
  };
  const names = { before: base ? t("version.name", { number: base.number }) : t("version.against.empty"), after: t("version.name", { number: next }) };
  return (
    <section className="card publish">
      <header>
        <h2>{base ? t("edit.changes", { number: base.number }) : t("edit.changes.first")}</h2>
      </header>
      <div className="pad">
        {changes.length === 0 ? <p className="dim">{t("edit.changes.none")}</p> : <Diff changes={changes.map(fieldOf)} texts={texts} names={names} view={view} onView={setView} />}
      </div>
      <form
        className="publish-foot"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void write();
        }}
      >
        {conflict ? (
          <div className="notice warn" role="alert">
            <Status tone="warn">{t("edit.conflict")}</Status>
          </div>
        ) : (
          state.error !== null && <ErrorBlock error={state.error} retry={() => void write()} />
        )}
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
