import { pauseRollout, type Rollout, resumeRollout, useRenewRollouts } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { orderOf } from "../../../ui/action/order";
import { ActionDialog } from "../../../ui/action/ActionDialog";

/** Stop the rollouts that go on; who runs the new configuration keeps it. */
export default function PauseDialog({ rollouts, close }: { rollouts: readonly Rollout[]; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewRollouts();
  const [only] = rollouts;
  const targets = rollouts.map(({ rollout_id, reason }) => ({ key: rollout_id, name: reason || rollout_id }));
  return (
    <ActionDialog
      title={t("fleet.pause")}
      act={t("fleet.pause.do", { count: rollouts.length })}
      close={close}
      preview={() =>
        Promise.resolve({
          affected: { count: targets.length, names: targets.map(({ name }) => name) },
          picture: <p>{t("fleet.pause.effect")}</p>,
          risk: "low",
          wayBack: t("fleet.pause.back"),
        })
      }
      run={async (order, target) => {
        await pauseRollout(target?.key ?? only?.rollout_id ?? "", order);
        renew();
      }}
      {...(targets.length > 1 ? { targets } : { undo: () => resumeRollout(only?.rollout_id ?? "", orderOf(t("agents.undone"))).then(renew) })}
      done={() => t("fleet.pause.done")}
    />
  );
}
