import { useCallback, useMemo } from "react";
import { type AgentDetail, type FileEvent, fetchFileEvents } from "../../../api/agents";
import { useListState } from "../../../app/listSearch";
import { useRange } from "../../../app/useRange";
import { useI18n } from "../../../i18n/context";
import { Empty } from "../../../ui/StateBlock";
import { DataTable } from "../../../ui/table/DataTable";
import { useList } from "../../../ui/table/useList";
import { FILE_STATUSES, FILE_TONE, fileColumns } from "../../events/fileColumns";

type FileStatus = FileEvent["status"];
const KEYS = ["status"] as const;
const AT_ONCE = 100;

const keyOf = (event: FileEvent): string => event.row_id;
const nameOf = (event: FileEvent): string => event.path;

/** What it carried: every file that ended an attempt in the time range, newest first. */
export function WorkTab({ agent }: { agent: AgentDetail }) {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useListState(KEYS);
  const range = useRange();
  const agentId = agent.agent_id;
  const status = state.values("status").filter((one): one is FileStatus => FILE_STATUSES.includes(one as FileStatus));
  const chosen = status.join(" ");
  const fetch = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      const span = cursor === null ? range.instants() : { cursor };
      const page = await fetchFileEvents(
        { agent: [agentId], status, ...(state.q ? { text: state.q } : {}), ...span, limit: AT_ONCE },
        signal,
      );
      return { items: page.items, next: page.next_cursor };
    },
    [agentId, chosen, state.q, range.from, range.to],
  );
  const list = useList({ queryKey: ["file-events", agentId, chosen, state.q, range.from, range.to], fetch, keyOf });
  const columns = useMemo(() => fileColumns(i18n), [i18n]);
  const filters = [{ key: "status", label: t("work.status"), values: FILE_STATUSES.map((value) => ({ value, label: t(`work.${value}`), tone: FILE_TONE[value] })) }];
  return (
    <section className="card" aria-label={t("agent.tab.work")}>
      <DataTable
        name={`work-${agent.hostname}`}
        label={t("agent.tab.work")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={nameOf}
        filters={filters}
        search={t("work.search")}
        empty={<Empty title={t("work.none")}>{t("work.none.sub")}</Empty>}
      />
    </section>
  );
}
