import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Findings, HitKind } from "../../api/find";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import { feed } from "../../live/feed";
import type { IconName } from "../../ui/Icon";
import { setPrefs, useDark } from "../prefs";
import { usePages } from "../usePages";
import { HIT_ICONS, hitName, hitNote, listOf, type Place, placeOf } from "./hits";
import { score } from "./match";
import { recents, useOfferedCommands } from "./state";

/** One line of the palette. */
export interface Item {
  id: string;
  label: string;
  note?: string;
  initials?: string;
  icon: IconName;
  run: () => void;
}

export interface ItemGroup {
  key: string;
  title: string;
  items: Item[];
}

/** Of what this browser knows itself, in each group. */
const MOST = 10;

/** Kinds in the order of the palette: what an operator looks for most stands first. */
const KINDS: readonly HitKind[] = ["agent", "file", "group", "rule", "rollout", "config_version", "event", "user", "audit"];

/** Pages, acts and what was opened lately that fit what was typed; the group with the best fit first. */
export function useOwnItems(typed: string): ItemGroup[] {
  const known = useKnown();
  return useMemo(() => {
    const fitting = known.map((group) => {
      const rated = group.items.map((item) => ({ item, points: score(typed, item.label, item.initials) })).filter(({ points }) => points > 0);
      const best = rated.toSorted((a, b) => b.points - a.points).slice(0, MOST);
      return { ...group, items: best.map(({ item }) => item), best: best[0]?.points ?? 0 };
    });
    const some = fitting.filter(({ items }) => items.length > 0);
    return typed.trim() ? some.toSorted((a, b) => b.best - a.best) : some;
  }, [known, typed]);
}

/** What the server found, kind by kind, each with the way to the rest. */
export function useFoundItems(findings: Findings | undefined, typed: string): ItemGroup[] {
  const i18n = useI18n();
  const router = useRouter();
  return useMemo(() => {
    const go = ({ to, search = {} }: Place) => (): void => void router.navigate({ to, search: search as never });
    return KINDS.flatMap((kind): ItemGroup[] => {
      const hits = findings?.items.filter((hit) => hit.kind === kind) ?? [];
      if (!hits.length) return [];
      const items = hits.map((hit): Item => ({
        id: `${kind} ${hit.id}`, label: hitName(hit, i18n), note: hitNote(hit, i18n), icon: HIT_ICONS[kind], run: go(placeOf(hit)),
      }));
      const list = findings?.more.includes(kind) ? listOf(kind, typed.trim()) : undefined;
      if (list) items.push({ id: `${kind} all`, label: i18n.t("palette.all"), icon: "search", run: go(list) });
      return [{ key: kind, title: i18n.t(`find.${kind}`), items }];
    });
  }, [findings, typed, i18n, router]);
}

function useKnown(): ItemGroup[] {
  const { t } = useI18n();
  const router = useRouter();
  const pages = usePages();
  const offered = useOfferedCommands();
  const dark = useDark();
  return useMemo(() => {
    const acts = [
      ...offered.map(({ id, label, icon = "play", run }): Item => ({ id, label, icon, run })),
      { id: "theme", label: t("palette.theme"), initials: "qhzt", icon: "moon" as const, run: () => setPrefs({ theme: dark ? "light" : "dark" }) },
      {
        id: "live",
        label: t(feed.paused ? "live.resume" : "live.pause"),
        initials: "zt",
        icon: feed.paused ? ("play" as const) : ("pause" as const),
        run: () => (feed.paused ? feed.resume() : feed.pause()),
      },
    ];
    const recent = recents().map(({ title, path }): Item => ({
      id: `recent ${path}`,
      label: title,
      icon: "clock",
      run: () => void router.navigate({ href: router.history.createHref(`${router.basepath.replace(/\/$/, "")}${path}`) }),
    }));
    const open = pages.flatMap((group) => group.pages).map(({ key, icon, path }): Item => ({
      id: path, label: t(`nav.${key}`), initials: wordOf("zh", "initials", key), icon, run: () => void router.navigate({ to: path }),
    }));
    return [
      { key: "recent", title: t("palette.recent"), items: recent },
      { key: "page", title: t("palette.page"), items: open },
      { key: "act", title: t("palette.act"), items: acts },
    ];
  }, [t, router, pages, offered, dark]);
}
