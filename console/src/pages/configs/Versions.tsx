import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { CONFIG_KEY, fetchVersions, type Layer, useSpread, type VersionItem } from "../../api/configs";
import { useMe } from "../../api/account";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { useMayWhy } from "../../ui/useMayWhy";
import { BackDialog } from "./BackDialog";
import { mineOf, VERSION_TONE, versionState } from "./words";

const PAGE = 50;
const keyOf = (version: VersionItem): string => version.version_id;

/** All versions of a layer, newest first: who, when, why, how much, where it runs, what became of it. */
export function Versions({ layer }: { layer: Layer }) {
  const { t } = useI18n();
  const why = useMayWhy()("rollout:run");
  const state = useListState([]);
  const [back, setBack] = useState<VersionItem>();
  const list = useList({
    queryKey: [CONFIG_KEY, "versions", layer.layer_id, state.q],
    fetch: async (cursor, signal) => {
      const page = await fetchVersions(layer.layer_id, state.q, cursor, PAGE, signal);
      return { items: page.items, next: page.next_cursor, total: page.total ?? null };
    },
    keyOf,
  });
  const views = useBuiltin(mineOf(useMe().data));
  const columns = useColumns(layer, why === undefined ? setBack : undefined);
  return (
    <>
      <DataTable
        name="config-versions"
        label={t("versions.label")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={(version) => t("version.name", { number: version.number })}
        opens={(version) => `/configs/${layer.layer_id}/v/${version.number}`}
        search={t("versions.search")}
        views={views}
        empty={<Empty title={t("versions.empty")}>{t("versions.empty.text")}</Empty>}
      />
      {back && <BackDialog layer={layer} to={back} close={() => setBack(undefined)} />}
    </>
  );
}

function useColumns(layer: Layer, goBack: ((version: VersionItem) => void) | undefined): Column<VersionItem>[] {
  const { t } = useI18n();
  const spread = useSpread(layer.layer_id).data?.whole;
  return useMemo(
    () => [
      {
        key: "number", title: t("versions.number"), width: 70, primary: true, phone: "title",
        render: ({ number }) => <strong className="mono">{t("version.name", { number })}</strong>,
        text: ({ number }) => number,
      },
      {
        key: "state", title: t("versions.state"), width: 112, phone: "aside",
        render: (version) => {
          const word = versionState(version, layer.current?.version_id);
          return <Status tone={VERSION_TONE[word]}>{t(`versions.state.${word}`)}</Status>;
        },
        text: (version) => versionState(version, layer.current?.version_id),
      },
      {
        key: "cover", title: t("versions.cover"), width: 122,
        render: ({ version_id }) => {
          const agents = spread?.versions.find((one) => one.version_id === version_id)?.agents ?? 0;
          return spread && spread.agents > 0 && agents > 0 ? <Share part={agents} all={spread.agents} /> : <span className="dim">{t("none")}</span>;
        },
      },
      { key: "author", title: t("versions.author"), width: 84, hideBelow: 1100, render: ({ author }) => author, text: ({ author }) => author },
      {
        key: "time", title: t("versions.time"), width: 116,
        render: ({ created_at }) => <TimeText at={created_at} />,
        text: ({ created_at }) => created_at,
      },
      {
        key: "reason", title: t("versions.reason"),
        render: ({ reason }) => (reason ? <span className="el" title={reason}>{reason}</span> : <span className="dim">{t("none")}</span>),
        text: ({ reason }) => reason,
      },
      {
        key: "changes", title: t("versions.changes"), width: 76, align: "end", hideBelow: 1280,
        render: ({ change_count: count }) => t("versions.changes.count", { count }),
        text: ({ change_count }) => change_count,
      },
      { key: "result", title: t("versions.result"), width: 128, hideBelow: 1100, render: (version) => <Result version={version} /> },
      {
        key: "back", title: "", width: 96, align: "end", phone: "none",
        render: (version) =>
          goBack && version.version_id !== layer.current?.version_id && layer.current && version.rollout?.status === "completed" ? (
            <button type="button" className="button small" onClick={() => goBack(version)}>
              {t("version.back", { number: version.number })}
            </button>
          ) : null,
      },
    ],
    [t, layer, spread, goBack],
  );
}

/** A part of all agents, as numbers and as a bar. */
function Share({ part, all }: { part: number; all: number }) {
  return (
    <span className="share">
      <span className="share-bar" aria-hidden="true">
        <i style={{ width: `${(part / all) * 100}%` }} />
      </span>
      <span>
        {part} / {all}
      </span>
    </span>
  );
}

function Result({ version }: { version: VersionItem }) {
  const { t } = useI18n();
  const { rollout } = version;
  if (!rollout) return <span className="dim">{t("versions.result.none")}</span>;
  const { applied = 0, failed = 0, reverted = 0, timed_out = 0 } = rollout.attempts;
  const bad = failed + reverted + timed_out;
  const to = { to: "/rollouts/$rollout", params: { rollout: rollout.rollout_id } } as const;
  return (
    <Link {...to}>
      {bad > 0 ? t("versions.result.failed", { failed: bad, offered: applied + bad }) : t("versions.result.ok", { offered: applied })}
    </Link>
  );
}
