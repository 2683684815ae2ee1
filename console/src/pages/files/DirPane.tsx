import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { fetchLevelPage, type FileNode, LOCAL, type LevelPage, type LevelQuery, type NodeState } from "../../api/files";
import { type ListState, useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { formatBytes, formatCount } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { useMayWhy } from "../../ui/useMayWhy";
import type { Filter } from "../../ui/filter/types";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/StateBlock";
import { DataTable } from "../../ui/table/DataTable";
import { useBuiltin } from "../../ui/views/useBuiltin";
import type { Selection } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import type { Act } from "./Acts";
import { columnsOf } from "./columns";
import { FilesProblem } from "./FilesProblem";
import { LIST_FILTERS } from "./routes";
import { AGES, ageOf, SIZES, sizeOf } from "./ranges";
import { Send } from "./Send";
import { STATES, TONES } from "./states";

interface Props {
  agent: string;
  /** "" = the watched directories themselves. */
  path: string;
  roots: readonly string[];
  go: (path: string | undefined) => void;
  act: (act: Act) => void;
}

/** Files whose last attempt failed: given up, or to be tried again. */
const FAILED: readonly NodeState[] = ["dead", "waiting"];
const VIEW_QUERIES = { todo: { state: [...FAILED] }, changes: { sort: ["-modified"] } };
const keyOf = (node: FileNode): string => node.path;
const PAGE = 100;

/** One directory: what lies in it, with the state of each file. */
export function DirPane({ agent, path, roots, go, act }: Props) {
  const { t, language } = useI18n();
  const state = useListState(LIST_FILTERS);
  const query = useMemo(() => queryOf(path, state), [path, state]);
  const fetch = useCallback(
    (cursor: string | null, signal: AbortSignal) => fetchLevelPage(agent, query, cursor, signal),
    [agent, query],
  );
  const list = useList<FileNode, LevelPage>({ queryKey: ["files", "level", agent, query], fetch, keyOf });
  const level = list.first?.level;
  const facts = level?.facts;
  const views = useBuiltin(VIEW_QUERIES);
  const mayWhy = useMayWhy();
  const why = mayWhy("fleet:operate");
  const failed = FAILED.reduce((sum, one) => sum + (facts?.states[one] ?? 0), 0);
  const filters = useMemo<Filter[]>(
    () => [
      { key: "failed", label: t("browse.failed.only"), values: [{ value: "only", label: t("browse.failed.only"), count: failed }], single: true, toggle: true },
      {
        key: "state",
        label: t("files.state"),
        values: STATES.filter((one) => facts?.states[one] || state.values("state").includes(one)).map((value) => ({
          value,
          label: t(`node.${value}`),
          count: facts?.states[value] ?? 0,
          tone: TONES[value],
        })),
      },
      {
        key: "error_class",
        label: t("browse.error"),
        values: Object.entries(facts?.error_classes ?? {}).map(([value, count]) => ({
          value,
          label: wordOf(language, "class", value),
          count,
        })),
      },
      { key: "size", label: t("files.size"), single: true, values: SIZES.map(({ key }) => ({ value: key, label: t(`browse.size.${key}`) })) },
      { key: "age", label: t("detail.modified"), single: true, values: AGES.map(({ key }) => ({ value: key, label: t(`browse.age.${key}`) })) },
      { key: "auto", label: t("browse.auto.off"), values: [{ value: "off", label: t("browse.auto.off") }], single: true, toggle: true },
    ],
    [t, language, facts, state, failed],
  );
  const columns = useMemo(() => columnsOf(t, language, { agent, act, why, top: path === "" }), [t, language, agent, act, why, path]);
  if (list.error && !list.rows.length) {
    return (
      <section className="card">
        <FilesProblem error={list.error} retry={list.refetch} roots={roots} go={go} />
      </section>
    );
  }
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (
    <section className="card dir-pane">
      <header>
        <h2 className="el">{path === "" ? t("browse.roots") : path}</h2>
        {facts && path !== "" && (
          <span className="sub">
            {t("browse.dir", {
              dirs: formatCount(facts.dirs, language),
              files: formatCount(facts.files, language),
              size: formatBytes(facts.size_bytes),
            })}
          </span>
        )}
        {level && path !== "" && (
          <span className="tools">
            {agent !== LOCAL && (
              <>
                <Link to="/events/files" search={{ agent: [agent], below: [`${path}/`], status: ["failed", "dead"] } as never} className="button ghost small">
                  {t("browse.events.failed")}
                </Link>
                <Link to="/events/files" search={{ agent: [agent], below: [`${path}/`] } as never} className="button ghost small">
                  {t("browse.events")}
                </Link>
              </>
            )}
            {!level.auto_upload && <span className="tag">{t("browse.auto.off")}</span>}
            <button
              type="button"
              className="button small"
              disabled={why !== undefined}
              title={why}
              onClick={() => act({ kind: "switch", path, name, enabled: !level.auto_upload, directory: true })}
            >
              <Icon name={level.auto_upload ? "pause" : "play"} size={13} />
              {t(level.auto_upload ? "browse.dir.off" : "browse.dir.on")}
            </button>
          </span>
        )}
      </header>
      {level?.stale && (
        <div className="notice warn" role="note">
          {t("browse.stale")}
        </div>
      )}
      <DataTable
        name="files"
        views={views}
        label={path || t("browse.roots")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ name: called }) => called}
        filters={path === "" ? [] : filters.filter(({ values }) => values.length > 0)}
        {...(path === "" ? {} : { search: t("browse.find") })}
        {...(path === "" || why !== undefined ? {} : { bulk: (chosen: Selection<FileNode>) => <Send chosen={chosen} agent={agent} query={query} act={act} /> })}
        empty={
          <Empty title={t(path === "" ? "error.nothing_watched" : "browse.empty")} icon="folder">
            {t(path === "" ? "browse.nothing.sub" : "browse.empty.sub")}
          </Empty>
        }
      />
    </section>
  );
}

function queryOf(path: string, state: ListState): LevelQuery {
  const states = state.values("failed").length ? FAILED : state.values("state");
  const auto = state.values("auto").includes("off");
  return {
    path,
    limit: PAGE,
    ...(state.q ? { name: state.q } : {}),
    ...(states.length ? { state: states as LevelQuery["state"] } : {}),
    ...(state.values("error_class").length ? { error_class: state.values("error_class") as LevelQuery["error_class"] } : {}),
    ...(auto ? { auto_upload: false } : {}),
    ...sizeOf(state.values("size")[0]),
    ...ageOf(state.values("age")[0]),
    ...(state.sort ? { sort: state.sort as LevelQuery["sort"] } : {}),
  } as LevelQuery;
}
