import { useRef } from "react";
import { useOverview } from "../api/queries";
import { useI18n } from "../i18n/context";
import { Status, type Tone } from "../ui/Status";
import { LiveBadge } from "./LiveBadge";
import { SettingsMenu } from "./SettingsMenu";

export const HEALTH_TONE: Record<"ok" | "degraded" | "failing", Tone> = { ok: "ok", degraded: "warn", failing: "crit" };

/** Title and state of the page's object, and what concerns every page. */
export function Header() {
  const { t } = useI18n();
  const { data } = useOverview();
  const firstBuild = useRef<string>(undefined);
  if (data) firstBuild.current ??= data.build;
  return (
    <header className="top">
      <div className="title">
        <h1>{t("nav.overview")}</h1>
        {data && <Status tone={HEALTH_TONE[data.state]}>{t(`health.${data.state}`)}</Status>}
        {data && <span className="host mono dim el">{data.hostname}</span>}
      </div>
      {data && firstBuild.current !== data.build && (
        <button type="button" className="button small" onClick={() => location.reload()}>
          {t("menu.update")}
        </button>
      )}
      <LiveBadge />
      <SettingsMenu />
    </header>
  );
}
