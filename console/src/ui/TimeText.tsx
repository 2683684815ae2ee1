import { useI18n } from "../i18n/context";
import { formatAgo, formatClock, formatFull } from "../i18n/format";
import { useServerNow } from "../live/now";

/** An instant: absolute in tables and details, relative at a glance; the other one in the tooltip. */
export function TimeText({ at, relative = false }: { at: string; relative?: boolean }) {
  const { t } = useI18n();
  const now = useServerNow(relative ? 5_000 : 60_000);
  const ago = formatAgo(Math.max(0, now - Date.parse(at)) / 1000, t);
  return (
    <time dateTime={at} title={relative ? formatFull(at) : `${formatFull(at)}\n${ago}`}>
      {relative ? ago : formatClock(at, now)}
    </time>
  );
}
