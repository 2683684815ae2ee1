import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { memo } from "react";
import type { FileView } from "../../../api/client";
import { useI18n } from "../../../i18n/context";
import { formatBytes } from "../../../i18n/format";
import { reasonText } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { keyOf } from "./keyOf";
import { FILE_TONE } from "./tones";
import type { Frozen } from "../../../ui/table/useFrozen";

/** The list; its order stands still while the pointer or the focus is in it. */
export function FilesTable({ frozen }: { frozen: Frozen<FileView> }) {
  const { t } = useI18n();
  const { sel } = useSearch({ from: "/" });
  return (
    <table className="file-table">
      <thead>
        <tr>
          <th>{t("files.state")}</th>
          <th>{t("files.path")}</th>
          <th className="num">{t("files.size")}</th>
          <th>{t("files.reason")}</th>
          <th className="num">{t("files.attempts")}</th>
          <th className="num">{t("files.next")}</th>
          <th className="num">{t("files.updated")}</th>
          <th>{t("files.store")}</th>
        </tr>
      </thead>
      <tbody>
        {frozen.rows.map((file) => (
          <Row
            key={keyOf(file)}
            file={file}
            selected={file.id === sel}
            gone={frozen.gone.has(keyOf(file))}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  file: FileView;
  selected: boolean;
  gone: boolean;
}

const Row = memo(function Row({ file, selected, gone }: RowProps) {
  const { t, language } = useI18n();
  const navigate = useNavigate();
  const opens = file.id > 0; // details exist for what is queued
  const cut = file.path.lastIndexOf("/") + 1;
  const keyCut = file.key.lastIndexOf("/") + 1;
  const reason = file.reason ? reasonText(language, file.reason) : "";
  const name = (
    <>
      <span className="dir">{file.path.slice(0, cut)}</span>
      <span className="base">{file.path.slice(cut)}</span>
    </>
  );
  return (
    <tr
      className={`${selected ? "selected" : ""} ${gone ? "gone" : ""} ${opens ? "opens" : ""}`}
      aria-selected={selected}
      onClick={() => {
        if (opens) void navigate({ to: ".", search: (old) => ({ ...old, sel: file.id }), resetScroll: false });
      }}
    >
      <td className="c-state">
        <Status tone={FILE_TONE[file.state]}>{t(`file.${file.state}`)}</Status>
      </td>
      <td className="c-path">
        <span className="path mono">
          {opens ? (
            <Link
              to="."
              search={(old) => ({ ...old, sel: file.id })}
              resetScroll={false}
              className="name"
              title={file.path}
              aria-label={t("files.open", { path: file.path })}
              onClick={(event) => event.stopPropagation()}
            >
              {name}
            </Link>
          ) : (
            <span className="name" title={file.path}>
              {name}
            </span>
          )}
          <Copy text={file.path} what={file.path} />
        </span>
      </td>
      <td className="num c-size">{formatBytes(file.size_bytes)}</td>
      <td className="c-reason el" title={file.reason ? `${reason}\n${file.reason.message}` : undefined}>
        {reason || <span className="dim">{t("none")}</span>}
      </td>
      <td className="num c-attempts">{file.attempts || <span className="dim">{t("none")}</span>}</td>
      <td className="num c-next">{file.next_at ? <TimeText at={file.next_at} /> : <span className="dim">{t("none")}</span>}</td>
      <td className="num c-updated">
        <TimeText at={file.updated_at} />
      </td>
      <td className="c-store el" title={`${file.store} / ${file.key}`}>
        <span className="keyed">
          <span>{file.store}</span>
          <span className="key mono">
            <span className="dir dim">{file.key.slice(0, keyCut)}</span>
            <span className="base">{file.key.slice(keyCut)}</span>
          </span>
        </span>
      </td>
    </tr>
  );
});
