import { Link, useLocation } from "@tanstack/react-router";
import { useMe } from "../api/account";
import { useBuild } from "../api/build";
import { useI18n } from "../i18n/context";
import { formatCount, formatDuration } from "../i18n/format";
import { useServerNow } from "../live/now";
import { Icon } from "../ui/Icon";
import type { Badge } from "./badges";
import { entryOf } from "./pages";
import { useBadges } from "./useBadges";
import { usePages } from "./usePages";

/** The pages there are, in their groups; icons on a narrow screen, a bar below on a phone. */
export function Nav() {
  const { t } = useI18n();
  const groups = usePages();
  const { data: me } = useMe();
  const badges = useBadges();
  const here = entryOf(useLocation({ select: ({ pathname }) => pathname }));
  return (
    <nav className="nav" aria-label={t("nav.label")}>
      <div className="brand">
        <Icon name="pulse" size={20} />
        <span>{t("app.name")}</span>
      </div>
      {me?.process.demo && <span className="tag hold demo">{t("app.demo")}</span>}
      {groups.map((group) => (
        <div key={group.key} className="nav-group" role="group" aria-label={t(`nav.${group.key}`)}>
          <h2 aria-hidden="true">{t(`nav.${group.key}`)}</h2>
          {group.pages.map((page) => (
            <Link
              key={page.key}
              to={page.path}
              aria-current={page === here ? "page" : undefined}
              title={t(`nav.${page.key}`)}
            >
              <Icon name={page.icon} />
              <span className="nav-name">{t(`nav.${page.key}`)}</span>
              <span className="nav-brief" aria-hidden="true" data-brief={t(page.brief ?? `nav.${page.key}`)} />
              <Count badge={badges[page.key]} />
            </Link>
          ))}
        </div>
      ))}
      <Foot />
    </nav>
  );
}

/** How much of a page asks for attention; said in words to those who do not see it. */
function Count({ badge }: { badge: Badge | undefined }) {
  const { t, language } = useI18n();
  if (!badge) return null;
  return (
    <b className={`badge ${badge.tone}`} title={t(`nav.badge.${badge.tone}`, { count: badge.count })}>
      <i aria-hidden="true">{badge.count > MOST ? `${MOST}+` : formatCount(badge.count, language)}</i>
      <em className="sr">{t(`nav.badge.${badge.tone}`, { count: badge.count })}</em>
    </b>
  );
}

/** More than this is many. */
const MOST = 999;

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
