import { sendNow, switchAuto } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { ActionDialog } from "../../ui/action/ActionDialog";

export type Act =
  | { kind: "upload"; path: string; name: string }
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
  if (act.kind === "upload") {
    return (
      <ActionDialog
        title={t("act.upload", { name: act.name })}
        act={t("act.upload.do")}
        close={close}
        suggestions={[t("act.upload.why1"), t("act.upload.why2")]}
        run={async ({ reason }) => {
          await sendNow(agent, act.path, reason);
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
      run={async ({ reason }) => {
        await switchAuto(agent, act.path, enabled, reason);
        await changed();
      }}
      done={() => t(enabled ? "act.on.done" : "act.off.done", { name: act.name })}
      undo={async () => {
        await switchAuto(agent, act.path, !enabled, "");
        await changed();
      }}
    >
      <p>{t(enabled ? "act.on.effect" : directory ? "act.off.effect.dir" : "act.off.effect")}</p>
      {directory && <p className="dim">{t("act.below")}</p>}
      <p className="mono path-line">{act.path}</p>
    </ActionDialog>
  );
}
