import { Link } from "@tanstack/react-router";
import { useOverview } from "../api/queries";
import { useI18n } from "../i18n/context";
import { formatDuration } from "../i18n/format";
import { useServerNow } from "../live/now";
import { Icon } from "../ui/Icon";

/** The pages there are, in their groups. */
export function Nav() {
  const { t } = useI18n();
  const { data } = useOverview();
  const now = useServerNow(10_000);
  return (
    <nav className="nav" aria-label={t("nav.label")}>
      <div className="brand">
        <Icon name="pulse" size={20} />
        <span>{t("app.name")}</span>
      </div>
      <h2>{t("nav.operate")}</h2>
      <Link to="/" search={(old) => (old.lang ? { lang: old.lang } : {})} aria-current="page" title={t("nav.overview")}>
        <Icon name="gauge" />
        <span>{t("nav.overview")}</span>
      </Link>
      {data && (
        <div className="foot">
          {t("nav.version", { version: data.version })}
          <br />
          {t("nav.uptime", { time: formatDuration((now - Date.parse(data.started_at)) / 1000, t) })}
        </div>
      )}
    </nav>
  );
}
