import { lazy, Suspense, useState } from "react";
import { useMay } from "../../../api/account";
import { useRunningRollouts } from "../../../api/agents";
import type { FleetVerdict } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { Icon } from "../../../ui/Icon";
import { toPause } from "./words";

const PauseDialog = lazy(() => import("./PauseDialog"));

/** While a rollout goes on that may be behind what is wrong: the way to stop it at once. */
export function PauseRollout({ suspects }: { suspects: FleetVerdict["suspects"] }) {
  const { t } = useI18n();
  const may = useMay();
  const running = toPause(useRunningRollouts(suspects.length > 0 && may("config:read")).data ?? [], suspects);
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
