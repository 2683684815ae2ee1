import type { FileEvent } from "../../api/events";
import type { I18n } from "../../i18n/context";
import { formatBytes, formatDuration } from "../../i18n/format";
import { wordOf } from "../../i18n/translate";
import { Status, type Tone } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";

type FileStatus = FileEvent["status"];

export const FILE_TONE: Readonly<Record<FileStatus, Tone>> = {
  done: "ok", failed: "crit", dead: "crit", skipped: "mute", vanished: "mute", superseded: "mute", archived: "ok", restored: "ok",
  replayed: "run", dropped: "mute",
};
export const FILE_STATUSES = Object.keys(FILE_TONE) as FileStatus[];

/** What happened to files, as a list shows it. */
export function fileColumns({ t, language }: I18n): Column<FileEvent>[] {
  return [
    { key: "time", title: t("work.time"), width: 118, phone: "aside", render: ({ time }) => <TimeText at={time} />, text: ({ time }) => time },
    { key: "status", title: t("work.status"), width: 108, phone: "line", render: ({ status }) => <Status tone={FILE_TONE[status]}>{t(`work.${status}`)}</Status>, text: ({ status }) => status },
    { key: "path", title: t("work.path"), primary: true, phone: "title", render: ({ path }) => <PathName path={path} />, text: ({ path }) => path },
    { key: "size", title: t("work.size"), align: "end", width: 84, render: ({ size_bytes }) => (size_bytes === null ? t("none") : formatBytes(size_bytes)), text: ({ size_bytes }) => size_bytes },
    { key: "duration", title: t("work.duration"), align: "end", width: 92, hideBelow: 1280, render: ({ duration_ms }) => (duration_ms === null ? t("none") : formatDuration(duration_ms / 1000, t)), text: ({ duration_ms }) => duration_ms },
    { key: "attempt", title: t("work.attempt"), align: "end", width: 72, hideBelow: 1280, render: ({ attempt }) => attempt ?? t("none"), text: ({ attempt }) => attempt },
    { key: "store", title: t("work.store"), width: 110, hideBelow: 1280, render: ({ store }) => <span className="el">{store ?? t("none")}</span>, text: ({ store }) => store },
    {
      key: "error", title: t("work.error"), width: 150, hideBelow: 900,
      render: ({ error_class: kind, message }) => (kind ? <span className="el" title={message ?? ""}>{wordOf(language, "class", kind)}</span> : <span className="dim">{t("none")}</span>),
      text: ({ error_class: kind, message }) => (kind ? `${kind} ${message ?? ""}` : ""),
    },
    { key: "key", title: t("work.key"), optional: true, width: 240, render: ({ key }) => <span className="mono el" title={key ?? ""}>{key ?? t("none")}</span>, text: ({ key }) => key },
  ];
}

/** A path by its name, which tells it apart; the directory gives way. */
function PathName({ path }: { path: string }) {
  const at = path.lastIndexOf("/");
  return (
    <span className="path-name" title={path}>
      <span className="mono">{path.slice(at + 1)}</span>
      <span className="mono dim el">{path.slice(0, at)}</span>
    </span>
  );
}
