import { useState } from "react";
import { useMe } from "../../api/account";
import { changeUser, rehearseUser, type Role, type User, useRoles } from "../../api/settings";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import type { Order } from "../../ui/action/types";
import { usePreview } from "../../ui/action/usePreview";
import { Copy } from "../../ui/Copy";
import { TimeText } from "../../ui/TimeText";
import { newPassword, RoleField } from "./fields";
import { UserState } from "./Users";

type Act = "role" | "password" | "disable" | "enable";

/** One person: what they are, and what can be changed. */
export function UserDetail({ user }: { user: User }) {
  const { t } = useI18n();
  const { data: me } = useMe();
  const { data: roles } = useRoles();
  const [act, setAct] = useState<Act | null>(null);
  const self = me?.id === user.id;
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{t("user.state")}</dt>
        <dd>
          <UserState user={user} />
        </dd>
        <dt>{t("user.display")}</dt>
        <dd>{user.display_name || t("none")}</dd>
        <dt>{t("user.role")}</dt>
        <dd>{t(`role.${user.role}`)}</dd>
        <dt>{t("user.may")}</dt>
        <dd>
          <ul className="permissions">
            {roles?.find(({ role }) => role === user.role)?.permissions.map((permission) => <li key={permission}>{t(`permission.${permission}`)}</li>)}
          </ul>
        </dd>
        <dt>{t("user.login")}</dt>
        <dd>{user.last_login_at ? <TimeText at={user.last_login_at} /> : t("user.login.never")}</dd>
        <dt>{t("user.created")}</dt>
        <dd>
          <TimeText at={user.created_at} />
        </dd>
        <dt>{t("user.id")}</dt>
        <dd className="mono">
          {user.id} <Copy text={user.id} what={user.id} />
        </dd>
      </dl>
      <div className="row wrap">
        <button type="button" className="button" disabled={self} title={self ? t("user.self") : undefined} onClick={() => setAct("role")}>
          {t("user.role.change")}
        </button>
        <button type="button" className="button" onClick={() => setAct("password")}>
          {t("user.password.reset")}
        </button>
        {user.disabled ? (
          <button type="button" className="button" onClick={() => setAct("enable")}>
            {t("user.enable")}
          </button>
        ) : (
          <button type="button" className="button danger" disabled={self} title={self ? t("user.self") : undefined} onClick={() => setAct("disable")}>
            {t("user.disable")}
          </button>
        )}
      </div>
      {act !== null && <Change user={user} act={act} close={() => setAct(null)} />}
    </div>
  );
}

function Change({ user, act, close }: { user: User; act: Act; close: () => void }) {
  const { t } = useI18n();
  const [role, setRole] = useState<Role>(user.role);
  const [password] = useState(newPassword);
  const { name } = user;
  const wish = { role: { role }, password: { password }, disable: { disabled: true }, enable: { disabled: false } }[act];
  const back = { role: { role: user.role }, password: null, disable: { disabled: false }, enable: { disabled: true } }[act];
  const preview = usePreview();
  const send = async (change: Parameters<typeof changeUser>[1], order?: Order): Promise<User> => {
    const changed = await changeUser(user.id, change, order);
    await queryClient.invalidateQueries({ queryKey: ["users"] });
    return changed;
  };
  return (
    <ActionDialog
      title={t(`user.act.${act}`, { name })}
      act={t(`user.act.${act}`, { name })}
      close={close}
      ready={act !== "role" || role !== user.role}
      preview={async (signal) => preview(await rehearseUser(user.id, { ...wish, reason: "" }, signal), [name])}
      previewKey={JSON.stringify(wish)}
      run={(order) => send({ ...wish, reason: order.reason }, order)}
      done={() => t(`user.done.${act}`, { name })}
      {...(back ? { undo: () => send({ ...back, reason: t("toast.undo") }) } : {})}
    >
      {act === "role" && <RoleField value={role} onChange={setRole} />}
      {act === "password" && (
        <label className="form-field">
          <span>{t("user.password.new")}</span>
          <span className="row">
            <input className="input mono" readOnly value={password} />
            <Copy text={password} what={t("user.password")} />
          </span>
          <span className="dim">{t("user.password.hint")}</span>
        </label>
      )}
      {act === "disable" && <p>{t("user.disable.effect")}</p>}
      {act === "enable" && <p>{t("user.enable.effect")}</p>}
    </ActionDialog>
  );
}
