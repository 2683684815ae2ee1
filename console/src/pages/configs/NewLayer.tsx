import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { CONFIG_KEY, type Layer, makeLayer } from "../../api/configs";
import { useGroups } from "../../api/scope";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";

/** Makes a layer for a group that has none. */
export function NewLayer({ layers, close }: { layers: readonly Layer[]; close: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const groups = (useGroups()?.groups ?? []).filter(({ id }) => !layers.some((layer) => layer.kind === "group" && layer.subject === id));
  const base = layers.some(({ kind }) => kind === "base");
  const [subject, setSubject] = useState<string>();
  const chosen = subject ?? groups[0]?.id ?? "";
  return (
    <ActionDialog
      title={t("configs.layer.new")}
      act={t("configs.layer.new.act")}
      close={close}
      ready={!base || chosen !== ""}
      reason="optional"
      run={async (order) => {
        const layer = await makeLayer(base ? "group" : "base", base ? chosen : "", order);
        await queryClient.invalidateQueries({ queryKey: [CONFIG_KEY] });
        return layer;
      }}
      done={(layer) => {
        if (layer) void navigate({ to: "/configs/$layer/edit", params: { layer: layer.layer_id } });
        return t("configs.layer.new.done");
      }}
    >
      {base && groups.length === 0 && <p className="dim">{t("configs.layer.new.nothing")}</p>}
      {base && groups.length > 0 && (
        <div className="form-row">
          <label>
            <span>{t("configs.layer.new.subject")}</span>
            <select className="input" value={chosen} onChange={(event) => setSubject(event.target.value)}>
              {groups.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
    </ActionDialog>
  );
}
