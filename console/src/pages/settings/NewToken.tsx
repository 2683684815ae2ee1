import { useRef, useState } from "react";
import { useMay } from "../../api/account";
import { createToken, type Role } from "../../api/settings";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { ActionDialog } from "../../ui/action/ActionDialog";
import { Copy } from "../../ui/Copy";
import { Dialog } from "../../ui/Dialog";
import { Segments } from "../../ui/Segments";
import { Status } from "../../ui/Status";
import { RoleField } from "./fields";

const DAY_S = 86_400;
const LIFETIMES = { "30d": 30 * DAY_S, "90d": 90 * DAY_S, "365d": 365 * DAY_S, never: null } as const;
type Lifetime = keyof typeof LIFETIMES;

/** Make a token; then its secret is shown, once. */
export function NewToken({ close }: { close: () => void }) {
  const { t } = useI18n();
  const may = useMay();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [lasts, setLasts] = useState<Lifetime>("90d");
  const [machine, setMachine] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  const shown = useRef(false);
  if (made) return <Secret {...made} close={close} />;
  return (
    <ActionDialog
      title={t("token.new")}
      act={name.trim() ? t("token.new.act", { name: name.trim() }) : t("token.new")}
      close={() => shown.current || close()}
      ready={name.trim() !== ""}
      reason="none"
      run={async () => {
        const { token, secret } = await createToken({
          name: name.trim(),
          role,
          machine,
          expires_in_s: LIFETIMES[lasts],
        });
        await queryClient.invalidateQueries({ queryKey: ["tokens"] });
        shown.current = true; // the dialog's own end must not close the secret
        setMade({ name: token.name, secret });
      }}
      done={() => t("token.made", { name: name.trim() })}
    >
      <label className="form-field">
        <span>{t("token.name")}</span>
        <input className="input" autoFocus autoComplete="off" maxLength={100} value={name} placeholder={t("token.name.hint")} onChange={(event) => setName(event.target.value)} />
      </label>
      <RoleField value={role} onChange={setRole} />
      <div className="form-field">
        <span>{t("token.lasts")}</span>
        <Segments
          label={t("token.lasts")}
          value={lasts}
          options={(Object.keys(LIFETIMES) as Lifetime[]).map((value) => ({ value, label: t(`token.lasts.${value}`) }))}
          onChange={setLasts}
        />
      </div>
      {may("users:manage") && (
        <label className="row">
          <input type="checkbox" checked={machine} onChange={(event) => setMachine(event.target.checked)} />
          {t("token.machine")}
        </label>
      )}
    </ActionDialog>
  );
}

function Secret({ name, secret, close }: { name: string; secret: string; close: () => void }) {
  const { t } = useI18n();
  return (
    <Dialog
      title={t("token.made", { name })}
      close={close}
      width={560}
      lightly={false}
      footer={
        <button type="button" className="button primary" onClick={close}>
          {t("token.kept")}
        </button>
      }
    >
      <div className="notice warn">
        <Status tone="warn">{t("token.once")}</Status>
      </div>
      <p className="secret">
        <code className="mono">{secret}</code>
        <Copy text={secret} what={t("token.secret")} />
      </p>
      <p className="dim">{t("token.use")}</p>
      <p className="code">{`curl -H 'Authorization: Bearer ${secret.slice(0, 9)}…' ${new URL("api/v1/me", document.baseURI).href}`}</p>
    </Dialog>
  );
}
