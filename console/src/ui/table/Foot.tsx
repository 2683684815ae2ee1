import { memo, useEffect } from "react";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import type { List } from "./types";

interface Props<T> {
  list: List<T>;
  /** The end of what is loaded is in sight. */
  near: boolean;
}

function FootOf<T>({ list, near }: Props<T>) {
  const { t, language } = useI18n();
  const { more, fetchingMore, placeholder, error, fetchMore } = list;
  const wanted = near && more && !fetchingMore && !placeholder && !error;
  useEffect(() => {
    if (wanted) fetchMore();
    // fetchMore is another function with every render; what it does depends on the list only
  }, [wanted]);
  const loaded = formatCount(list.rows.length, language);
  const total = list.total === null ? null : formatCount(list.total, language);
  return (
    <div className="table-foot">
      {more && (
        <button type="button" className="button ghost small" disabled={fetchingMore} onClick={fetchMore}>
          {t(fetchingMore ? "table.loading" : "table.more")}
        </button>
      )}
      <span className="dim">
        {total === null
          ? t("table.count.loaded", { loaded })
          : t(list.atLeast ? "table.count.least" : "table.count", { loaded, total })}
      </span>
    </div>
  );
}

/** How much of the list is here; the next page comes when its end is in sight. Not drawn anew while it only scrolls. */
export const Foot = memo(FootOf) as typeof FootOf;
