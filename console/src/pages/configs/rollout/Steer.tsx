import { type ReactNode, useState } from "react";
import { CONFIG_KEY, rehearseSteering, ROLLOUT_KEY, type RolloutDetail, steer, type Steering, useLayers, useVersionById } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { queryClient } from "../../../live/client";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { usePreview } from "../../../ui/action/usePreview";
import { Icon } from "../../../ui/Icon";
import { useMayWhy } from "../../../ui/useMayWhy";
import { EmptiedDiff, VersionDiff } from "../VersionDiff";
import { reached, useLayerName } from "../words";

/** Pause, go on, go on whatever the gates say, take it all back. */
export function Steer({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useI18n();
  const why = useMayWhy();
  const [how, setHow] = useState<Steering>();
  const { status } = rollout;
  // it may end while somebody decides: the dialog stays, and tells what became of the act
  const dialog = how && <SteerDialog rollout={rollout} how={how} close={() => setHow(undefined)} />;
  if (status !== "running" && status !== "paused") return dialog ?? null;
  const run = why("rollout:run");
  const approve = why("rollout:approve");
  return (
    <>
      {status === "running" ? (
        <button type="button" className="button small" disabled={run !== undefined} title={run} onClick={() => setHow("pause")}>
          <Icon name="pause" size={13} />
          {t("rollout.pause")}
        </button>
      ) : (
        <button type="button" className="button small" disabled={run !== undefined} title={run} onClick={() => setHow("resume")}>
          <Icon name="play" size={13} />
          {t("rollout.resume")}
        </button>
      )}
      <button type="button" className="button small" disabled={approve !== undefined} title={approve} onClick={() => setHow("promote")}>
        {t("rollout.promote")}
      </button>
      <button type="button" className={rollout.cause && rollout.cause.code !== "person" ? "button small primary" : "button small"} disabled={run !== undefined} title={run} onClick={() => setHow("abort")}>
        <Icon name="back" size={13} />
        {t("rollout.abort")}
      </button>
      {dialog}
    </>
  );
}

function SteerDialog({ rollout, how, close }: { rollout: RolloutDetail; how: Steering; close: () => void }) {
  const { t } = useI18n();
  const preview = usePreview();
  const version = useVersionById(rollout.version_id).data;
  const before = useVersionById(rollout.previous_version_id).data;
  const nameOf = useLayerName();
  const layer = nameOf(useLayers().data?.find(({ layer_id }) => layer_id === rollout.layer_id));
  const named = version ? t("version.of", { layer, number: version.number }) : layer;
  const count = reached(rollout);
  const last = rollout.wave + 1 >= rollout.waves.length;
  const acts: Record<Steering, string> = {
    pause: t("rollout.pause.act"),
    resume: t("rollout.resume.act"),
    promote: last ? t("rollout.promote.last") : t("rollout.promote.act", { wave: rollout.wave + 2 }),
    abort: count ? t("rollout.abort.act", { count }) : t("rollout.abort.none"),
  };
  const suggestions: Record<Steering, string[]> = {
    pause: [t("rollout.suggest.fault"), t("rollout.suggest.window")],
    resume: [],
    promote: [t("rollout.suggest.known")],
    abort: [t("rollout.suggest.bad"), t("rollout.suggest.fault")],
  };
  const picture: ReactNode = how === "abort" && (
    <>
      <p>{before ? t("rollout.abort.to", { version: t("version.name", { number: before.number }) }) : t("rollout.abort.empty")}</p>
      {version && before && <VersionDiff before={version} after={before} title={t("rollout.abort.diff")} />}
      {version && rollout.previous_version_id === null && <EmptiedDiff version={version} title={t("rollout.abort.diff")} />}
    </>
  );
  return (
    <ActionDialog
      title={t(`rollout.${how}.title`, { version: named } as never)}
      act={acts[how]}
      close={close}
      reason={how === "abort" || how === "promote" ? "required" : "auto"}
      suggestions={suggestions[how]}
      previewKey={`${how} ${version?.version_id} ${before?.version_id} ${count}`}
      preview={async (signal) => {
        const { affected, risk, why } = preview(await rehearseSteering(rollout.rollout_id, how, signal));
        const whom = how === "abort" && affected ? { affected } : {};
        return { ...whom, picture, wayBack: t(`rollout.${how}.back`), ...(risk ? { risk } : {}), ...(why ? { why } : {}) };
      }}
      run={async (order) => {
        try {
          // a rollout moves by itself: who goes on means the wave on screen, who halts or takes back means any
          const revision = how === "promote" || how === "resume" ? String(rollout.revision) : undefined;
          return await steer(rollout.rollout_id, how, { ...order, revision });
        } catch (error) {
          void queryClient.invalidateQueries({ queryKey: [ROLLOUT_KEY] });
          throw error;
        }
      }}
      done={() => {
        void queryClient.invalidateQueries({ queryKey: [ROLLOUT_KEY] });
        void queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
        return t(`rollout.done.${how}`);
      }}
    />
  );
}
