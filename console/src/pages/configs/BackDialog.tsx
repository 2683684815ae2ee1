import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  beginRollout, CONFIG_KEY, goBackTo, type Layer, previewRollout, ROLLOUT_KEY, type RolloutWish, useVersionById, type VersionSummary,
} from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { orderFor } from "../../ui/action/order";
import type { Preview } from "../../ui/action/types";
import { VersionDiff } from "./VersionDiff";
import { useLayerName } from "./words";

interface Props {
  layer: Layer;
  to: VersionSummary;
  close: () => void;
}

/** A way back is quick and still watched: fewer waves, shorter quiet time. */
const PLAN: Omit<RolloutWish, "version_id" | "reason"> = {
  waves: [10, 100],
  gates: { min_applied_share: 0.95, min_healthy_share: 0.95, max_failure_share: 0.02, soak_s: 15, attempt_timeout_s: 180, wave_timeout_s: 1800 },
  on_failure: "revert",
  retry_refused: false,
};

/** Back to an old version: its content becomes a new one, which is rolled out at once. */
export function BackDialog({ layer, to, close }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const name = useLayerName()(layer);
  const [written, setWritten] = useState<string>();
  const current = useVersionById(layer.current?.version_id);
  const target = useVersionById(to.version_id);
  const preview = async (signal: AbortSignal): Promise<Preview> => {
    const ahead = await previewRollout({ ...PLAN, version_id: to.version_id, reason: "" }, signal);
    return {
      affected: { count: ahead.impact.affected, names: ahead.seats.map(({ hostname, agent_id }) => hostname || agent_id) },
      revision: String(layer.revision),
      risk: ahead.impact.faults.length ? "high" : "low",
      wayBack: t("back.back"),
      picture: <p className="dim">{t("back.how", { number: to.number })}</p>,
    };
  };
  return (
    <ActionDialog
      title={t("back.title", { layer: name, number: to.number })}
      act={t("back.act", { number: to.number })}
      close={close}
      previewKey={String(layer.revision)}
      preview={preview}
      reason="required"
      suggestions={[t("back.suggest.bad"), t("back.suggest.test")]}
      run={async (order) => {
        try {
          // written once, also when only the second half has to be tried again
          const version = written ?? (await goBackTo(to.version_id, orderFor(order, "version"))).version.version_id;
          setWritten(version);
          // writing it moved the layer on, so the revision that was looked at is for the first half only
          const { rollout } = await beginRollout({ ...PLAN, version_id: version }, { ...orderFor(order, "rollout"), revision: undefined });
          return rollout.rollout_id;
        } catch (error) {
          void queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
          throw error;
        }
      }}
      done={(rollout) => {
        void queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
        void queryClient.invalidateQueries({ queryKey: [ROLLOUT_KEY] });
        if (rollout) void navigate({ to: "/rollouts/$rollout", params: { rollout } });
        return t("back.done");
      }}
    >
      {current.data && target.data && (
        <VersionDiff
          before={current.data}
          after={target.data}
          title={t("back.diff", { from: current.data.number, to: target.data.number })}
          start="fields"
        />
      )}
    </ActionDialog>
  );
}
