import { useState } from "react";
import type { Entry } from "../../api/audit";
import { useLayers, useVersionById } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { useMayWhy } from "../../ui/useMayWhy";
import { BackDialog } from "../configs/BackDialog";

/** The way back, where the act has one: the version before, as long as another one is in force. */
export function Back({ entry }: { entry: Entry }) {
  const { t } = useI18n();
  const why = useMayWhy()("rollout:run");
  const [open, setOpen] = useState(false);
  const mine = entry.resource.kind === "config_version" || entry.action === "rollout.create";
  const facts = entry.resource.facts ?? {};
  const layer = useLayers().data?.find(({ layer_id }) => layer_id === facts["layer_id"]);
  const version = useVersionById(mine ? facts["version_id"] : undefined).data;
  const parent = useVersionById(version?.parent_id).data;
  if (!mine || !layer || !parent || layer.rollout_id || layer.current?.version_id !== version?.version_id) return null;
  return (
    <>
      <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
        {t("version.back", { number: parent.number })}
      </button>
      {open && <BackDialog layer={layer} to={parent} close={() => setOpen(false)} />}
    </>
  );
}
