import { useMe } from "../../api/account";
import { welcome } from "../../app/session";
import { useI18n } from "../../i18n/context";
import { Dialog } from "../../ui/Dialog";
import { LoginForm } from "./LoginForm";
import "../../styles/login.css";

/** The session ended while the page was open: log in over it, so that nothing typed is lost. */
export default function LoginAgain() {
  const { t } = useI18n();
  const { data: me } = useMe();
  return (
    <Dialog title={t("login.again")} close={() => undefined} width={380} lightly={false} fixed>
      <p className="dim">{t("login.again.sub")}</p>
      <LoginForm name={me?.kind === "user" ? me.name : ""} done={welcome} />
    </Dialog>
  );
}
