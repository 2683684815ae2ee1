import { useLocation } from "@tanstack/react-router";
import { useMe } from "../api/account";
import { useBuild } from "../api/build";
import { useI18n } from "../i18n/context";
import { formatDuration } from "../i18n/format";
import { useServerNow } from "../live/now";
import { Icon } from "../ui/Icon";
import { useNarrow } from "../ui/table/useNarrow";
import { Entry, Groups, NavMore } from "./NavEntries";
import { barOf, entryOf } from "./pages";
import { useBadges } from "./useBadges";
import { usePages } from "./usePages";

/** The pages there are, in their groups; icons on a narrow screen, a bar below on a phone. */
export function Nav() {
  const { t } = useI18n();
  const groups = usePages();
  const { data: me } = useMe();
  const badges = useBadges();
  const here = entryOf(useLocation({ select: ({ pathname }) => pathname }));
  const narrow = useNarrow(760);
  const { bar, rest } = barOf(groups);
  return (
    <nav className="nav" aria-label={t("nav.label")}>
      <div className="brand">
        <Icon name="pulse" size={20} />
        <span>{t("app.name")}</span>
      </div>
      {me?.process.demo && <span className="tag hold demo">{t("app.demo")}</span>}
      {narrow ? bar.map((page) => <Entry key={page.key} page={page} here={here} badge={badges[page.key]} />) : <Groups groups={groups} here={here} badges={badges} />}
      {narrow && rest.length > 0 && <NavMore groups={rest} here={here} badges={badges} />}
      <Foot />
    </nav>
  );
}

/** What runs here, and since when. */
function Foot() {
  const { t } = useI18n();
  const build = useBuild();
  const now = useServerNow(10_000);
  if (!build) return null;
  return (
    <div className="foot">
      {t("nav.version", { version: build.version })}
      {build.startedAt && (
        <>
          <br />
          {t("nav.uptime", { time: formatDuration((now - Date.parse(build.startedAt)) / 1000, t) })}
        </>
      )}
    </div>
  );
}
