import type { AlertItem } from "../../api/alerts";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { useServerNow } from "../../live/now";
import { lastingS } from "./words";

/** How long an alert lasts; goes on while it does. */
export function Lasting({ alert }: { alert: Pick<AlertItem, "started_at" | "ended_at"> }) {
  const { t } = useI18n();
  const now = useServerNow(10_000);
  return formatDuration(Math.max(1, Math.floor(lastingS(alert, now))), t);
}
