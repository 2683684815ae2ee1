import { useRef } from "react";
import { RequestError } from "../../api/client";
import { type FileOrder, sendNow, switchAuto } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { newKey } from "../../ui/action/order";
import type { Target } from "../../ui/action/types";

export type Act =
  | { kind: "upload"; path: string; name: string }
  | { kind: "uploads"; targets: readonly Target[] }
  | { kind: "switch"; path: string; name: string; enabled: boolean; directory: boolean };

interface Props {
  act: Act;
  agent: string;
  close: () => void;
  changed: () => Promise<void>;
}

/** Send a file now, or switch sending by itself: effect, way back, reason. */
export function Acts({ act, agent, close, changed }: Props) {
  const { t } = useI18n();
  const once = useOnce();
  if (act.kind === "uploads") {
    return (
      <ActionDialog
        title={t("act.uploads", { count: act.targets.length })}
        act={t("act.uploads.do", { count: act.targets.length })}
        close={close}
        suggestions={[t("act.upload.why1"), t("act.upload.why2")]}
        targets={act.targets}
        run={async ({ reason }, target) => {
          const at = target?.key ?? "";
          await once(at, (idempotencyKey) => sendNow(agent, at, { reason, idempotencyKey }));
          await changed();
        }}
        done={() => t("act.uploads.done", { count: act.targets.length })}
      >
        <p>{t("act.upload.effect")}</p>
      </ActionDialog>
    );
  }
  if (act.kind === "upload") {
    return (
      <ActionDialog
        title={t("act.upload", { name: act.name })}
        act={t("act.upload.do")}
        close={close}
        suggestions={[t("act.upload.why1"), t("act.upload.why2")]}
        run={async (order) => {
          await sendNow(agent, act.path, order);
          await changed();
        }}
        done={() => t("act.upload.done", { name: act.name })}
      >
        <p>{t("act.upload.effect")}</p>
        <p className="mono path-line">{act.path}</p>
      </ActionDialog>
    );
  }
  const { enabled, directory } = act;
  return (
    <ActionDialog
      title={t(enabled ? "act.on" : "act.off", { name: act.name })}
      act={t(enabled ? "act.on.do" : "act.off.do")}
      close={close}
      suggestions={[t("act.off.why1"), t("act.off.why2")]}
      run={async (order) => {
        await switchAuto(agent, act.path, enabled, order);
        await changed();
      }}
      done={() => t(enabled ? "act.on.done" : "act.off.done", { name: act.name })}
      undo={async () => {
        await switchAuto(agent, act.path, !enabled, { reason: "", idempotencyKey: newKey() } satisfies FileOrder);
        await changed();
      }}
    >
      <p>{t(enabled ? "act.on.effect" : directory ? "act.off.effect.dir" : "act.off.effect")}</p>
      {directory && <p className="dim">{t("act.below")}</p>}
      <p className="mono path-line">{act.path}</p>
    </ActionDialog>
  );
}

/** A key for each of many: kept while nobody answered, for then it may be done already; new after a refusal. */
function useOnce(): (name: string, run: (key: string) => Promise<unknown>) => Promise<void> {
  const keys = useRef(new Map<string, string>());
  return async (name, run) => {
    const key = keys.current.get(name) ?? newKey();
    keys.current.set(name, key);
    try {
      await run(key);
    } catch (error) {
      if (error instanceof RequestError && error.status >= 400 && error.status < 500) keys.current.delete(name);
      throw error;
    }
  };
}
