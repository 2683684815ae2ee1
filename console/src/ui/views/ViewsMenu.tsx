import { type FormEvent, useState } from "react";
import { chooseView, deleteView, type ListName, putView, type SavedView, useViews } from "../../api/views";
import { useMay } from "../../api/account";
import type { ListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { newKey } from "../action/order";
import { Icon } from "../Icon";
import { Popup } from "../Popup";
import { Toast } from "../toast";
import { applied, type BuiltinView, queryOf } from "./views";

interface Props {
  list: ListName;
  builtin: readonly BuiltinView[];
  state: ListState;
  columns: { keys: readonly string[] | null; put: (keys: readonly string[] | null) => void };
}

/** The list as it was saved: built-in views, one's own, and those that others share. */
export function ViewsMenu({ list, builtin, state, columns }: Props) {
  const { t } = useI18n();
  const saved = useViews(list);
  const may = useMay();
  const current = saved.find(({ view_id }) => view_id === state.view);
  const named = current?.name ?? builtin.find(({ id }) => id === state.view)?.name;
  const show = (id: string, query: Record<string, string[]>, keys: readonly string[] | null): void => {
    state.set(applied(state.keys, id, query));
    columns.put(keys);
  };
  if (!builtin.length && !may("account:self")) return null;
  return (
    <Popup
      label={named === undefined ? t("views.open") : t("views.open.named", { name: named })}
      className="button ghost pick views-button"
      placement="bottomRight"
      button={
        <>
          <Icon name="bookmark" size={14} />
          <span className="pick-text">{named ?? t("views.open")}</span>
        </>
      }
    >
      {(close) => (
        <div className="views">
          <div className="menu-list" role="group" aria-label={t("views.open")}>
            {builtin.map(({ id, name, query }) => (
              <button key={id} type="button" className="menu-item" aria-pressed={id === state.view} onClick={() => (show(id, query, null), close())}>
                {name}
              </button>
            ))}
            {saved.map((view) => (
              <Saved
                key={view.view_id}
                view={view}
                chosen={view.view_id === state.view}
                show={() => (show(view.view_id, view.query, view.columns), close())}
              />
            ))}
            {!builtin.length && !saved.length && <p className="dim facet-none">{t("views.none")}</p>}
          </div>
          {may("account:self") && (
            <SaveAs list={list} state={state} columns={columns.keys} current={current?.own ? current : undefined} close={close} />
          )}
        </div>
      )}
    </Popup>
  );
}

function renewed(work: Promise<unknown>, text: string): void {
  work.then(() => queryClient.invalidateQueries({ queryKey: ["views"] })).then(() => Toast.done(text), Toast.failed);
}

function Saved({ view, chosen, show }: { view: SavedView; chosen: boolean; show: () => void }) {
  const { t } = useI18n();
  const { name, view_id: id } = view;
  return (
    <div className="view-line">
      <button type="button" className="menu-item grow" aria-pressed={chosen} onClick={show}>
        <span className="el">{name}</span>
        {!view.own && <span className="menu-count">{t("views.by", { name: view.owner_name })}</span>}
        {view.own && view.shared && <span className="menu-count">{t("views.shared")}</span>}
      </button>
      <button
        type="button"
        className="button ghost small square"
        aria-pressed={view.is_default}
        aria-label={t("views.default", { name })}
        title={t("views.default", { name })}
        onClick={() => renewed(chooseView(id, !view.is_default), t(view.is_default ? "views.default.off" : "views.default.on", { name }))}
      >
        <Icon name={view.is_default ? "check" : "pin"} size={13} />
      </button>
      {view.own && (
        <button
          type="button"
          className="button ghost small square"
          aria-label={t("views.delete", { name })}
          title={t("views.delete", { name })}
          onClick={() => renewed(deleteView(id), t("views.deleted", { name }))}
        >
          <Icon name="x" size={13} />
        </button>
      )}
    </div>
  );
}

interface SaveProps {
  list: ListName;
  state: ListState;
  columns: readonly string[] | null;
  /** One's own view on screen, which can be saved over. */
  current: SavedView | undefined;
  close: () => void;
}

function SaveAs({ list, state, columns, current, close }: SaveProps) {
  const { t } = useI18n();
  const [name, setName] = useState(current?.name ?? "");
  const [shared, setShared] = useState(current?.shared ?? false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const over = current !== undefined && current.name === name.trim();
    const id = over ? current.view_id : newKey();
    const wish = {
      list_name: list,
      name: name.trim(),
      shared,
      query: queryOf(state),
      columns: columns === null ? null : [...columns],
      is_default: over && current.is_default,
      revision: over ? current.revision : null,
    };
    renewed(putView(id, wish).then(() => state.set({ view: id }, { replace: true })), t("views.saved", { name: wish.name }));
    close();
  };
  return (
    <form className="view-save" onSubmit={submit}>
      <label className="form-row">
        <span className="dim small">{t("views.save.name")}</span>
        <input className="input" value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="row small">
        <input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} />
        {t("views.save.shared")}
      </label>
      <button type="submit" className="button primary" disabled={!name.trim()}>
        {t("views.save")}
      </button>
    </form>
  );
}
