import { useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { useI18n } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { lostOf, parseSearch } from "./search";

/** The address as the reader gave it; the router writes its own over it at once. */
const asked = { path: location.pathname, search: parseSearch(location.search) };

/** Which parts of a followed link its page could not take; gone with the next page, or by hand. */
export function DroppedNotice() {
  const { t } = useI18n();
  const [closed, setClosed] = useState(false);
  const lost = useRouterState({
    select: ({ matches, status }) => {
      const page = matches.at(-1);
      return status === "idle" && page ? lostOf(asked.search, page.search as Record<string, unknown>).map((pair) => pair.join("=")).join("\n") : "";
    },
  });
  const [first, setFirst] = useState<string | null>(null);
  const settled = useRouterState({ select: ({ status }) => status === "idle" });
  if (first === null && settled) setFirst(lost);
  const here = useRouterState({ select: () => location.pathname === asked.path });
  if (closed || !here || !first) return null;
  return (
    <div className="notice mute dropped" role="status">
      <Icon name="link" size={14} />
      <span>{t("address.dropped")}</span>
      {first.split("\n").map((pair) => (
        <code key={pair}>{pair}</code>
      ))}
      <button type="button" className="button ghost small square" aria-label={t("address.dropped.close")} title={t("address.dropped.close")} onClick={() => setClosed(true)}>
        <Icon name="x" size={13} />
      </button>
    </div>
  );
}
