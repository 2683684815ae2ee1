import { lazy, Suspense, useState } from "react";
import { useMay } from "../../../api/account";
import { useRunningRollouts } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { Icon } from "../../../ui/Icon";

const PauseDialog = lazy(() => import("./PauseDialog"));

/** While something is wrong and a rollout goes on: the way to stop it at once. */
export function PauseRollout() {
  const { t } = useI18n();
  const may = useMay();
  const running = (useRunningRollouts(may("config:read")).data ?? []).filter(({ status }) => status === "running");
  const [open, setOpen] = useState(false);
  if (running.length === 0) return null;
  const denied = may("rollout:run") ? undefined : t("fleet.pause.denied");
  return (
    <>
      <button type="button" className="button" disabled={denied !== undefined} title={denied} onClick={() => setOpen(true)}>
        <Icon name="pause" size={14} />
        {t("fleet.pause")}
      </button>
      {open && (
        <Suspense>
          <PauseDialog rollouts={running} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
