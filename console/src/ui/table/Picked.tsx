import type { ReactNode } from "react";
import { useI18n } from "../../i18n/context";
import type { List, Selection } from "./types";
import type { Selecting } from "./useSelection";

interface Props<T> {
  picked: Selecting<T>;
  list: List<T>;
  bulk: (selection: Selection<T>) => ReactNode;
}

/** What is chosen, always counted, and what can be done with it. */
export function Picked<T>({ picked, list, bulk }: Props<T>) {
  const { t } = useI18n();
  const whole = !picked.everything && list.more && picked.count === list.rows.length;
  return (
    <div className="picked" role="group" aria-label={t("table.picked.label")}>
      <strong>{t(picked.everything ? "table.picked.all" : "table.picked", { count: picked.count })}</strong>
      {whole && (
        <button type="button" className="button ghost small" onClick={picked.takeEverything}>
          {list.total === null ? t("table.pick.everything") : t("table.pick.total", { count: list.total })}
        </button>
      )}
      <span className="picked-acts">{bulk(picked)}</span>
      <button type="button" className="button ghost small" onClick={picked.clear}>
        {t("table.pick.none")}
      </button>
    </div>
  );
}
