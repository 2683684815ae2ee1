import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { fetchAgentAudit } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { ErrorBlock, Empty, Loading } from "../../../ui/StateBlock";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";
import { actText, changesText } from "./Timeline";
import type { AuditEntry } from "./timeline";

const AT_ONCE = 50;
const keyOf = (entry: AuditEntry): string => String(entry.seq);

/** What people and the agent itself changed of it. */
export function AuditTab({ agentId }: { agentId: string }) {
  const { t, language } = useI18n();
  const fetch = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      const page = await fetchAgentAudit(agentId, cursor, AT_ONCE, signal);
      return { items: page.items, next: page.next_cursor };
    },
    [agentId],
  );
  const list = useList({ queryKey: ["audit", "agent", agentId], fetch, keyOf });
  return (
    <section className="card" aria-label={t("agent.tab.audit")}>
      {list.error && <ErrorBlock error={list.error} retry={list.refetch} />}
      {list.pending && !list.error && <Loading rows={5} />}
      {!list.pending && !list.error && list.rows.length === 0 && <Empty title={t("timeline.none")}>{t("timeline.none.sub")}</Empty>}
      {list.rows.length > 0 && (
        <table className="audit-of plain-cards" aria-label={t("agent.tab.audit")}>
          <thead>
            <tr>
              <th>{t("work.time")}</th>
              <th>{t("agents.audit.who")}</th>
              <th>{t("agents.audit.act")}</th>
              <th>{t("agents.audit.changes")}</th>
              <th>{t("agents.audit.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {list.rows.map((entry) => (
              <tr key={entry.seq}>
                <td className="nowrap">
                  <TimeText at={entry.at} />
                </td>
                <td data-label={t("agents.audit.who")}>{entry.actor.kind === "agent" ? t("timeline.itself") : entry.actor.id}</td>
                <td data-label={t("agents.audit.act")}>
                  <Link to={"/audit/$seq" as string} params={{ seq: String(entry.seq) } as never}>
                    {actText(entry.action, language)}
                  </Link>
                </td>
                <td className="mono small breakable" data-label={t("agents.audit.changes")}>{changesText(entry)}</td>
                <td data-label={t("agents.audit.reason")}>{entry.reason || <span className="dim">{t("none")}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list.more && (
        <p className="more">
          <button type="button" className="button small" onClick={list.fetchMore}>
            {t("timeline.more")}
          </button>
        </p>
      )}
    </section>
  );
}
