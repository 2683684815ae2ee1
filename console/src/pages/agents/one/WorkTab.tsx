import { useCallback, useMemo } from "react";
import { type AgentDetail, type FileEvent, fetchFileEvents } from "../../../api/agents";
import { useListState } from "../../../app/listSearch";
import { useRange } from "../../../app/useRange";
import { type I18n, useI18n } from "../../../i18n/context";
import { formatBytes, formatDuration } from "../../../i18n/format";
import { wordOf } from "../../../i18n/translate";
import { Empty } from "../../../ui/StateBlock";
import { Status, type Tone } from "../../../ui/Status";
import { DataTable } from "../../../ui/table/DataTable";
import type { Column } from "../../../ui/table/types";
import { useList } from "../../../ui/table/useList";
import { TimeText } from "../../../ui/TimeText";

type FileStatus = FileEvent["status"];

const TONE: Record<FileStatus, Tone> = {
  done: "ok", failed: "crit", dead: "crit", skipped: "mute", vanished: "mute", superseded: "mute", archived: "ok", restored: "ok",
  replayed: "run", dropped: "mute",
};
const STATUSES = Object.keys(TONE) as FileStatus[];
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
  const status = state.values("status").filter((one): one is FileStatus => STATUSES.includes(one as FileStatus));
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
  const columns = useMemo(() => columnsOf(i18n), [i18n]);
  const filters = [{ key: "status", label: t("work.status"), values: STATUSES.map((value) => ({ value, label: t(`work.${value}`), tone: TONE[value] })) }];
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

function columnsOf({ t, language }: I18n): Column<FileEvent>[] {
  return [
    { key: "time", title: t("work.time"), width: 128, phone: "aside", render: ({ time }) => <TimeText at={time} />, text: ({ time }) => time },
    { key: "status", title: t("work.status"), width: 92, phone: "line", render: ({ status }) => <Status tone={TONE[status]}>{t(`work.${status}`)}</Status>, text: ({ status }) => status },
    { key: "path", title: t("work.path"), primary: true, phone: "title", render: ({ path }) => <span className="mono el" title={path}>{path}</span>, text: ({ path }) => path },
    { key: "size", title: t("work.size"), align: "end", width: 84, render: ({ size_bytes }) => (size_bytes === null ? t("none") : formatBytes(size_bytes)), text: ({ size_bytes }) => size_bytes },
    { key: "duration", title: t("work.duration"), align: "end", width: 92, hideBelow: 1100, render: ({ duration_ms }) => (duration_ms === null ? t("none") : formatDuration(duration_ms / 1000, t)), text: ({ duration_ms }) => duration_ms },
    { key: "attempt", title: t("work.attempt"), align: "end", width: 60, hideBelow: 1100, render: ({ attempt }) => attempt ?? t("none"), text: ({ attempt }) => attempt },
    { key: "store", title: t("work.store"), width: 110, hideBelow: 1280, render: ({ store }) => <span className="el">{store ?? t("none")}</span>, text: ({ store }) => store },
    {
      key: "error", title: t("work.error"), width: "20%", hideBelow: 900,
      render: ({ error_class: kind, message }) => (kind ? <span className="el" title={message ?? ""}>{wordOf(language, "class", kind)}</span> : <span className="dim">{t("none")}</span>),
      text: ({ error_class: kind, message }) => (kind ? `${kind} ${message ?? ""}` : ""),
    },
    { key: "key", title: t("work.key"), optional: true, width: 240, render: ({ key }) => <span className="mono el" title={key ?? ""}>{key ?? t("none")}</span>, text: ({ key }) => key },
  ];
}
