import { useId } from "react";
import { type Role, ROLES } from "../../api/settings";
import { useI18n } from "../../i18n/context";

/** A random password of 20 letters and digits that are not easily mistaken for one another. */
export function newPassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  const bytes = crypto.getRandomValues(new Uint32Array(20));
  return [...bytes].map((byte) => letters[byte % letters.length]).join("");
}

/** One role of four, each with what it is trusted with. */
export function RoleField({ value, onChange, most }: { value: Role; onChange: (role: Role) => void; most?: readonly Role[] }) {
  const { t } = useI18n();
  const name = useId();
  return (
    <fieldset className="roles">
      <legend>{t("user.role")}</legend>
      {(most ?? ROLES).map((role) => (
        <label key={role} className="role">
          <input type="radio" name={name} checked={role === value} onChange={() => onChange(role)} />
          <span>
            <strong>{t(`role.${role}`)}</strong>
            <span className="dim">{t(`role.${role}.sub`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
