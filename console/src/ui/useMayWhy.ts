import { type Permission, useMay, useMe } from "../api/account";
import { useI18n } from "../i18n/context";

/** Why the reader may not do something, for the tooltip of a disabled button; undefined = they may. */
export function useMayWhy(): (permission: Permission) => string | undefined {
  const { t } = useI18n();
  const may = useMay();
  const { data: me } = useMe();
  return (permission) => {
    if (may(permission)) return undefined;
    if (!me || me.kind === "anonymous") return t("may.login");
    return t("may.missing", { permission: t(`permission.${permission}`) });
  };
}
