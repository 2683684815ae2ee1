import { useEffect, useState } from "react";
import { useI18n } from "../i18n/context";
import { formatAgo, formatClock } from "../i18n/format";
import { feed } from "../live/feed";
import { useLive } from "../live/useLive";
import { Icon } from "../ui/Icon";
import { useKeys } from "./keys";

/** Whether what is on screen is current, and the switch that stops it. */
export function LiveBadge() {
  const { t } = useI18n();
  const live = useLive();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const ago = formatAgo(Math.max(0, now - live.at) / 1000, t);
  const at = formatClock(live.at || now, now);
  const texts = {
    connecting: () => t("live.connecting"),
    live: () => t("live.live", { ago }),
    polling: () => t("live.polling", { ago }),
    stale: () => t("live.stale", { at, tries: live.tries }),
    paused: () => t("live.paused", { at }),
  };
  const paused = live.kind === "paused";
  const toggle = (): void => (paused ? feed.resume() : feed.pause());
  useKeys([{ key: "p", label: "keys.pause", run: toggle }]);
  const label = t(paused ? "live.resume" : "live.pause");
  return (
    <>
      {/* the words change every second, so only the kind is announced */}
      <span className={`live ${live.kind}`}>
        <i aria-hidden="true" />
        <span className="live-text">{texts[live.kind]()}</span>
      </span>
      <span className="sr" role="status">
        {t(`live.say.${live.kind}`)}
      </span>
      <button
        type="button"
        className="button ghost square live-switch"
        aria-label={label}
        title={label}
        onClick={toggle}
      >
        <Icon name={paused ? "play" : "pause"} size={14} />
      </button>
    </>
  );
}
