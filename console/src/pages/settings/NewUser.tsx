import { useState } from "react";
import { createUser, type Role } from "../../api/settings";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Copy } from "../../ui/Copy";
import { newPassword, RoleField } from "./fields";

/** Make a person; the password is handed over by whoever makes it. */
export function NewUser({ close }: { close: () => void }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [display, setDisplay] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [password, setPassword] = useState(newPassword);
  return (
    <ActionDialog
      title={t("user.new")}
      act={name.trim() ? t("user.new.act", { name: name.trim() }) : t("user.new")}
      close={close}
      ready={name.trim() !== "" && password.length > 0}
      run={async ({ reason }) => {
        const made = await createUser({ name: name.trim(), display_name: display.trim(), role, password, reason });
        await queryClient.invalidateQueries({ queryKey: ["users"] });
        return made;
      }}
      done={(made) => t("user.made", { name: made?.name ?? name })}
    >
      <div className="form-grid two">
        <label className="form-field">
          <span>{t("user.name")}</span>
          <input className="input" autoFocus autoComplete="off" autoCapitalize="none" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="form-field">
          <span>{t("user.display")}</span>
          <input className="input" autoComplete="off" maxLength={200} value={display} onChange={(event) => setDisplay(event.target.value)} />
        </label>
      </div>
      <RoleField value={role} onChange={setRole} />
      <label className="form-field">
        <span>{t("user.password.first")}</span>
        <span className="row">
          <input className="input mono" autoComplete="off" spellCheck={false} maxLength={256} value={password} onChange={(event) => setPassword(event.target.value)} />
          <Copy text={password} what={t("user.password")} />
        </span>
        <span className="dim">{t("user.password.hint")}</span>
      </label>
    </ActionDialog>
  );
}
