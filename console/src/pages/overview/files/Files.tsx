import { useNavigate, useSearch } from "@tanstack/react-router";
import { PAGE_SIZE } from "../../../api/client";
import { useFiles } from "../../../api/queries";
import { useI18n } from "../../../i18n/context";
import { formatCount } from "../../../i18n/format";
import { Card } from "../../../ui/Card";
import { Empty, ErrorBlock, Loading } from "../../../ui/StateBlock";
import { FileDrawer } from "./FileDrawer";
import { FilesTable } from "./FilesTable";
import { FilterBar } from "./FilterBar";
import { keyOf } from "./keyOf";
import { useFrozen } from "../../../ui/table/useFrozen";

/** The last files, filtered by the server; which row is open is in the address. */
export function Files() {
  const { t, language } = useI18n();
  const search = useSearch({ from: "/" });
  const navigate = useNavigate();
  const filter = { state: search.state ?? [], q: search.q ?? "" };
  const files = useFiles(filter);
  const pages = files.data?.pages ?? [];
  const fresh = pages.flatMap((page) => page.items);
  const total = pages[0]?.total ?? 0;
  const key = `${filter.state.join()} ${filter.q}`;
  const unique = [...new Map(fresh.map((file) => [keyOf(file), file])).values()];
  const frozen = useFrozen({ rows: unique, complete: !files.hasNextPage, keyOf }, { list: key, placeholder: files.isPlaceholderData, selected: search.sel !== undefined });
  const filtered = filter.state.length > 0 || filter.q !== "";
  return (
    <Card
      title={t("files.title")}
      sub={files.data && t("files.total", { count: formatCount(total, language) })}
      busy={files.isPlaceholderData}
      className="files"
    >
      <FilterBar />
      {files.error && <ErrorBlock error={files.error} retry={() => void files.refetch()} />}
      <div {...frozen.reading}>
        {frozen.changes > 0 && (
          <button type="button" className="button small frozen" onClick={frozen.accept}>
            {t("files.frozen", { count: frozen.changes })}
          </button>
        )}
        {frozen.rows.length > 0 && <FilesTable frozen={frozen} />}
      </div>
      {files.isPending && !files.error && <Loading rows={8} />}
      {files.data && frozen.rows.length === 0 && !filtered && (
        <Empty title={t("files.empty")}>{t("files.empty.sub")}</Empty>
      )}
      {files.data && frozen.rows.length === 0 && filtered && <NoMatch />}
      {files.hasNextPage && (
        <div className="more">
          <button
            type="button"
            className="button"
            disabled={files.isFetchingNextPage}
            onClick={() => void files.fetchNextPage()}
          >
            {t("files.more", { count: Math.min(PAGE_SIZE, Math.max(1, total - fresh.length)) })}
          </button>
        </div>
      )}
      <FileDrawer
        id={search.sel}
        onClose={() => void navigate({ to: ".", search: ({ sel: _, ...rest }) => rest, resetScroll: false })}
      />
    </Card>
  );
}

/** Nothing matches: the filters stand here once more, each ready to be dropped. */
function NoMatch() {
  const { t } = useI18n();
  const search = useSearch({ from: "/" });
  const navigate = useNavigate();
  return (
    <Empty title={t("files.nomatch")}>
      <div className="chips center">
        {search.state?.map((state) => (
          <button
            key={state}
            type="button"
            className="chip"
            onClick={() =>
              void navigate({
                to: ".",
                search: (old) => ({ ...old, state: (old.state ?? []).filter((one) => one !== state) }),
              })
            }
          >
            {t(`file.${state}`)} ×
          </button>
        ))}
        {search.q && (
          <button
            type="button"
            className="chip"
            onClick={() => void navigate({ to: ".", search: ({ q: _, ...rest }) => rest })}
          >
            {t("files.nomatch.q", { text: search.q })} ×
          </button>
        )}
      </div>
    </Empty>
  );
}
