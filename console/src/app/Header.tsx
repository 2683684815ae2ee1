import { useRef } from "react";
import { useBuild } from "../api/build";
import { useI18n } from "../i18n/context";
import { LiveBadge } from "./LiveBadge";
import { useScoped } from "./PageHead";
import { PaletteButton } from "./palette/PaletteButton";
import { RangePicker } from "./RangePicker";
import { ScopePicker } from "./ScopePicker";
import { UserMenu } from "./UserMenu";

/** Title and state of the page's object (filled by `PageHead`), and what concerns every page. */
export function Header({ slot }: { slot: (place: HTMLElement | null) => void }) {
  const scoped = useScoped();
  return (
    <header className="top">
      <div className="title" ref={slot} />
      <NewBuild />
      {scoped && <ScopePicker />}
      {scoped && <RangePicker />}
      <LiveBadge />
      <PaletteButton />
      <UserMenu />
    </header>
  );
}

/** Another build answers than the one this page came from: offered, never forced. */
function NewBuild() {
  const { t } = useI18n();
  const build = useBuild();
  const first = useRef<string>(undefined);
  if (build) first.current ??= build.id;
  if (!build || first.current === build.id) return null;
  return (
    <button type="button" className="button small" onClick={() => location.reload()}>
      {t("menu.update")}
    </button>
  );
}
