import { type ReactNode, useEffect, useState } from "react";
import { useI18n } from "../i18n/context";
import { formatAgo, formatClock } from "../i18n/format";
import { limitMs, type Pace } from "../live/pace";
import { useLiveKind } from "../live/useLive";
import { Icon } from "./Icon";

const LOOK_MS = 2_000;

interface Props {
  /** When the values were fetched, by this browser's clock; 0 = not yet. */
  at: number;
  pace: Pace;
  /** They are not meant to be renewed: they do not grow old. */
  still?: boolean;
  className?: string;
  children: ReactNode;
}

/** Values that should have been renewed several times by now are dimmed and dated. */
export function Aged({ at, pace, still = false, className = "contents", children }: Props) {
  const { t } = useI18n();
  const kind = useLiveKind();
  const limit = limitMs(pace, kind);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const age = now - at;
  const old = !still && at > 0 && age > limit;
  return (
    <div className={old ? `${className === "contents" ? "" : className} aged` : className}>
      {old && (
        <p className="aged-note">
          <Icon name="clock" size={12} />
          {t("aged", { at: formatClock(at, now), ago: formatAgo(age / 1000, t) })}
        </p>
      )}
      {children}
    </div>
  );
}
