import { useMemo } from "react";
import { fetchRollouts, type Layer, ROLLOUT_KEY, type Rollout, useVersionChoice } from "../../api/configs";
import { useMe } from "../../api/account";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { formatDuration } from "../../i18n/format";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { useServerNow } from "../../live/now";
import { STATUSES } from "./routes";
import { mineOf, ROLLOUT_TONE } from "./words";

const PAGE = 50;
const FILTERS = ["status"] as const;
/** Held, on their way back, or gone back: somebody has to look. */
const TODO = { status: ["paused", "reverting", "reverted"] };
const keyOf = (rollout: Rollout): string => rollout.rollout_id;

/** What was rolled out into a layer, newest first, and how it ended. */
export function Rollouts({ layer }: { layer: Layer }) {
  const { t } = useI18n();
  const state = useListState(FILTERS);
  const numbers = useNumbers(layer.layer_id);
  const chosen = state.values("status");
  const status = useMemo(() => STATUSES.filter((one) => chosen.includes(one)), [chosen]);
  const list = useList({
    queryKey: [ROLLOUT_KEY, "list", layer.layer_id, state.q, status],
    fetch: async (cursor, signal) => {
      const page = await fetchRollouts({ layer: layer.layer_id, status, text: state.q }, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor, total: page.total ?? null };
    },
    keyOf,
  });
  const me = useMe().data;
  const views = useBuiltin({ todo: TODO, ...mineOf(me) });
  const now = useServerNow(10_000);
  const columns = useMemo<Column<Rollout>[]>(
    () => [
      {
        key: "version", title: t("rollouts.what"), width: 90, primary: true, phone: "title",
        render: ({ version_id }) => <strong className="mono">{numbers(version_id)}</strong>,
        text: ({ version_id }) => numbers(version_id),
      },
      {
        key: "status", title: t("rollouts.status"), width: 120, phone: "aside",
        render: ({ status }) => <Status tone={ROLLOUT_TONE[status]}>{t(`rollout.status.${status}`)}</Status>,
        text: ({ status }) => status,
      },
      {
        key: "wave", title: t("rollouts.wave"), width: 70, align: "end",
        render: ({ wave, waves }) => t("rollouts.wave.at", { at: wave + 1, all: waves.length }),
        text: ({ wave }) => wave + 1,
      },
      { key: "author", title: t("rollouts.author"), width: 110, hideBelow: 900, render: ({ author }) => author, text: ({ author }) => author },
      { key: "begun", title: t("rollouts.begun"), width: 130, render: ({ created_at }) => <TimeText at={created_at} />, text: ({ created_at }) => created_at },
      {
        key: "lasted", title: t("rollouts.lasted"), width: 110, hideBelow: 1280,
        render: ({ created_at, ended_at }) => formatDuration(((ended_at ? Date.parse(ended_at) : now) - Date.parse(created_at)) / 1000, t),
      },
      { key: "reason", title: t("rollouts.reason"), render: ({ reason }) => reason || <span className="dim">{t("none")}</span>, text: ({ reason }) => reason },
      {
        key: "cause", title: t("rollouts.cause"), width: 180, hideBelow: 1100,
        render: ({ cause }) => (cause ? t(`cause.${cause.code}`, { by: cause.by } as never) : <span className="dim">{t("none")}</span>),
        text: ({ cause }) => cause?.code ?? null,
      },
    ],
    [t, numbers, now],
  );
  const filters = [
    { key: "status", label: t("rollouts.status"), values: STATUSES.map((value) => ({ value, label: t(`rollout.status.${value}`), tone: ROLLOUT_TONE[value] })) },
  ];
  return (
    <DataTable
      name="rollouts"
      label={t("rollouts.label")}
      columns={columns}
      list={list}
      state={state}
      keyOf={keyOf}
      nameOf={({ version_id }) => numbers(version_id)}
      opens={({ rollout_id }) => `/rollouts/${rollout_id}`}
      filters={filters}
      views={views}
      search={t("rollouts.search")}
      empty={<Empty title={t("rollouts.empty")}>{t("rollouts.empty.text")}</Empty>}
    />
  );
}

/** What people call a version that is known by its id. */
function useNumbers(layer: string): (id: string) => string {
  const { t } = useI18n();
  const { data } = useVersionChoice(layer);
  return useMemo(() => {
    const known = new Map((data?.items ?? []).map(({ version_id, number }) => [version_id, number]));
    return (id) => {
      const number = known.get(id);
      return number === undefined ? t("none") : t("version.name", { number });
    };
  }, [data, t]);
}
