import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useI18n } from "../i18n/context";
import { formatCount } from "../i18n/format";
import { Icon } from "../ui/Icon";
import { type Badge, type Badges, joined } from "./badges";
import type { PageEntry, PageGroup } from "./pages";

interface EntryProps {
  page: PageEntry;
  /** The entry of the page on screen. */
  here: PageEntry | undefined;
  badge: Badge | undefined;
}

/** One page of the navigation. */
export function Entry({ page, here, badge }: EntryProps) {
  const { t } = useI18n();
  return (
    <Link to={page.path} aria-current={page === here ? "page" : undefined} title={t(`nav.${page.key}`)}>
      <Icon name={page.icon} />
      <span className="nav-name">{t(`nav.${page.key}`)}</span>
      <span className="nav-brief" aria-hidden="true" data-brief={t(page.brief ?? `nav.${page.key}`)} />
      <Count badge={badge} />
    </Link>
  );
}

interface GroupsProps {
  groups: readonly PageGroup[];
  here: PageEntry | undefined;
  badges: Badges;
}

/** Pages in their groups. */
export function Groups({ groups, here, badges }: GroupsProps) {
  const { t } = useI18n();
  return groups.map((group) => (
    <div key={group.key} className="nav-group" role="group" aria-label={t(`nav.${group.key}`)}>
      <h2 aria-hidden="true">{t(`nav.${group.key}`)}</h2>
      {group.pages.map((page) => (
        <Entry key={page.key} page={page} here={here} badge={badges[page.key]} />
      ))}
    </div>
  ));
}

/** The last place in the bar of a phone: the pages that have none of their own, in a sheet above the bar. */
export function NavMore({ groups, here, badges }: GroupsProps) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [here]);
  const pages = groups.flatMap((group) => group.pages);
  const badge = pages.map(({ key }) => badges[key]).reduce<Badge | undefined>((all, one) => (one ? joined(all, one) : all), undefined);
  const inside = here !== undefined && pages.includes(here);
  return (
    <div className="nav-rest" onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <button type="button" className={inside ? "nav-more here" : "nav-more"} aria-expanded={open} aria-controls="nav-sheet" onClick={() => setOpen(!open)}>
        <Icon name={open ? "x" : "more"} />
        <span>{t("nav.more")}</span>
        {!open && <Count badge={badge} />}
      </button>
      {open && (
        <>
          <div className="nav-veil" onClick={() => setOpen(false)} />
          <div id="nav-sheet" className="nav-sheet" onClick={(event) => event.target instanceof Element && event.target.closest("a") && setOpen(false)}>
            <Groups groups={groups} here={here} badges={badges} />
          </div>
        </>
      )}
    </div>
  );
}

/** More than this is many. */
const MOST = 999;

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
