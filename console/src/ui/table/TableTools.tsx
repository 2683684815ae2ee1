import { useRef, useState } from "react";
import { listNamed, useViews } from "../../api/views";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { Icon } from "../Icon";
import { Popup } from "../Popup";
import { Toast } from "../toast";
import { useDefaultView } from "../views/useDefaultView";
import type { BuiltinView } from "../views/views";
import { ViewsMenu } from "../views/ViewsMenu";
import { MOST_EXPORTED, save, toCsv } from "./exportRows";
import type { Column, List } from "./types";
import type { Columns } from "./useColumns";

interface Props<T> {
  name: string;
  state: ListState;
  /** Views that every reader has. */
  builtin: readonly BuiltinView[];
  columns: Columns<T>;
  all: readonly Column<T>[];
  list: List<T>;
}

/** Saved views, which columns are shown, and the filtered list as a file. */
export function TableTools<T>({ name, state, builtin, columns, all, list }: Props<T>) {
  const { t } = useI18n();
  const kept = listNamed(name);
  useDefaultView(useViews(kept), state, columns.put);
  return (
    <>
      {kept && <ViewsMenu list={kept} builtin={builtin} state={state} columns={columns} />}
      <Export name={name} columns={columns.shown} list={list} />
      <Popup label={t("table.columns")} className="button ghost square of-columns" placement="bottomRight" button={<Icon name="columns" size={15} />}>
        {() => (
          <div className="menu-list" role="group" aria-label={t("table.columns")}>
            {all
              .filter(({ primary }) => !primary)
              .map(({ key, title }) => (
                <label key={key} className="menu-item">
                  <input type="checkbox" checked={columns.isShown(key)} onChange={() => columns.toggle(key)} />
                  {title}
                </label>
              ))}
            {columns.changed && (
              <button type="button" className="menu-item dim" onClick={columns.reset}>
                {t("table.columns.reset")}
              </button>
            )}
          </div>
        )}
      </Popup>
    </>
  );
}

function Export<T>({ name, columns, list }: { name: string; columns: readonly Column<T>[]; list: List<T> }) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const stop = useRef<AbortController>(undefined);
  if (!columns.some(({ text }) => text !== undefined)) return null;
  const run = async (): Promise<void> => {
    stop.current = new AbortController();
    setBusy(true);
    try {
      const rows = await list.all(MOST_EXPORTED, stop.current.signal);
      save(`${name}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}Z.csv`, "text/csv", toCsv(rows, columns));
      Toast.done(t("table.exported", { count: rows.length }));
    } catch (error) {
      if (!stop.current.signal.aborted) Toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const label = list.total === null ? t("table.export") : t("table.export.total", { count: list.total });
  return (
    <button
      type="button"
      className="button ghost square"
      aria-label={busy ? t("table.export.stop") : label}
      title={busy ? t("table.export.stop") : label}
      aria-busy={busy}
      disabled={!busy && list.rows.length === 0}
      onClick={() => (busy ? stop.current?.abort() : void run())}
    >
      <Icon name={busy ? "x" : "download"} size={15} />
    </button>
  );
}
