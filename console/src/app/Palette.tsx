import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useFound } from "../api/find";
import { useI18n } from "../i18n/context";
import { wordOf } from "../i18n/translate";
import { feed } from "../live/feed";
import { Dialog } from "../ui/Dialog";
import { Icon, type IconName } from "../ui/Icon";
import { score } from "./match";
import { recents, useOfferedCommands } from "./paletteState";
import { setPrefs, useDark } from "./prefs";
import { usePages } from "./usePages";

interface Item {
  id: string;
  group: "act" | "page" | "recent" | "found";
  label: string;
  note?: string;
  initials?: string;
  icon: IconName;
  run: () => void;
}

const MOST = 12;
/** Typing pauses this long before the server is asked. */
const TYPING_MS = 200;

/** Go to a page, open what was open lately, or do something, by typing a few letters. */
export default function Palette({ close }: { close: () => void }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const items = useItems();
  const objects = useObjects(useLate(typed, TYPING_MS));
  const found = useMemo(() => [...pick(items, typed), ...objects], [items, objects, typed]);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    void list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }); // a promise in newer browsers
  }, [chosen]);
  const run = (item: Item | undefined): void => {
    if (!item) return;
    close();
    item.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(found[chosen]);
    }
  };
  return (
    <Dialog title={<span className="sr">{t("palette.open")}</span>} close={close} width={600} className="palette">
      <div className="palette-field">
        <Icon name="search" size={16} />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
          aria-label={t("palette.open")}
          placeholder={t("palette.placeholder")}
          value={typed}
          maxLength={200}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <ul id={`${id}-list`} ref={list} role="listbox" aria-label={t("palette.results")}>
        {found.map((item, index) => (
          <li
            key={item.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setAt(index)}
            onClick={() => run(item)}
          >
            <Icon name={item.icon} size={15} />
            <span className="el">{item.label}</span>
            <span className="palette-note">{item.note ?? t(`palette.${item.group}`)}</span>
          </li>
        ))}
      </ul>
      {!found.length && <p className="dim palette-none">{t("palette.none", { text: typed })}</p>}
    </Dialog>
  );
}

function pick(items: readonly Item[], typed: string): Item[] {
  return items
    .map((item) => ({ item, points: score(typed, item.label, item.initials) }))
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points)
    .slice(0, MOST)
    .map(({ item }) => item);
}

/** A value once it has stayed the same for a while. */
function useLate<T>(value: T, afterMs: number): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return late;
}

/** What the server finds: its own match is good enough, so it stands below the pages and acts. */
function useObjects(typed: string): Item[] {
  const router = useRouter();
  const { t } = useI18n();
  const found = useFound(typed);
  return useMemo(
    () =>
      found.map(({ id, label, path }): Item => ({
        id,
        group: "found",
        label,
        note: t("nav.agents"),
        icon: "server",
        run: () => void router.navigate({ to: path }),
      })),
    [found, router, t],
  );
}

function useItems(): Item[] {
  const { t } = useI18n();
  const router = useRouter();
  const pages = usePages();
  const offered = useOfferedCommands();
  const dark = useDark();
  return useMemo(() => {
    const go = (path: string) => (): void => void router.navigate({ to: path });
    return [
      ...offered.map(({ id, label, icon = "play", run }): Item => ({ id, group: "act", label, icon, run })),
      ...recents().map(({ title, path }): Item => ({
        id: `recent ${path}`,
        group: "recent",
        label: title,
        icon: "clock",
        run: () => void router.navigate({ href: router.history.createHref(`${router.basepath.replace(/\/$/, "")}${path}`) }),
      })),
      ...pages.flatMap((group) => group.pages).map(({ key, icon, path }): Item => ({
        id: path,
        group: "page",
        label: t(`nav.${key}`),
        initials: wordOf("zh", "initials", key),
        icon,
        run: go(path),
      })),
      { id: "theme", group: "act", label: t("palette.theme"), initials: "qhzt", icon: "moon", run: () => setPrefs({ theme: dark ? "light" : "dark" }) },
      {
        id: "live",
        group: "act",
        label: t(feed.paused ? "live.resume" : "live.pause"),
        initials: "zt",
        icon: feed.paused ? "play" : "pause",
        run: () => (feed.paused ? feed.resume() : feed.pause()),
      },
    ];
  }, [t, router, pages, offered, dark]);
}
