import { Link } from "@tanstack/react-router";
import { type FileNode, LOCAL } from "../../api/files";
import { formatBytes, formatCount } from "../../i18n/format";
import { reasonText, type Translate, wordOf } from "../../i18n/translate";
import type { Language } from "../../i18n/types";
import { Icon } from "../../ui/Icon";
import { Mono } from "../../ui/Mono";
import { PathText } from "../../ui/PathText";
import { Status } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import type { Act } from "./Acts";
import { isDirectory, TONES } from "./states";

interface Context {
  agent: string;
  act: (act: Act) => void;
  /** Why the reader may not act; undefined = they may. */
  why: string | undefined;
  /** The watched directories themselves are listed. */
  top: boolean;
}

/** Columns of a directory's list. */
export const columnsOf = (t: Translate, language: Language, { agent, act, why, top }: Context): Column<FileNode>[] => {
  const failed: Column<FileNode> = {
    key: "failed",
    title: t("browse.col.failed"),
    width: 90,
    align: "end",
    render: ({ counts, path }) => (counts?.failed ? <Failed count={formatCount(counts.failed, language)} agent={agent} below={path} /> : ""),
  };
  const files: Column<FileNode> = {
    key: "files",
    title: t("browse.col.files"),
    width: 90,
    align: "end",
    render: ({ counts }) => (counts ? formatCount(counts.files, language) : ""),
  };
  const modified: Column<FileNode> = {
    key: "modified",
    title: t("detail.modified"),
    width: 112,
    sortable: true,
    hideBelow: 900,
    render: ({ modified_at }) => (modified_at ? <TimeText at={modified_at} /> : ""),
    text: ({ modified_at }) => modified_at ?? "",
  };
  return [
    {
      key: "name",
      title: t("browse.col.name"),
      ...(top ? { width: "34%" } : {}),
      sortable: !top,
      phone: "title",
      render: (node) => <NodeLink node={node} agent={agent} />,
      text: ({ path }) => path,
    },
    {
      key: "state",
      title: t("files.state"),
      width: 116,
      sortable: !top,
      phone: "aside",
      render: (node) => <NodeStatus node={node} t={t} />,
      text: ({ state }) => state ?? "",
    },
    ...(top ? [files, failed] : []),
    {
      key: "size",
      title: t("files.size"),
      width: 84,
      align: "end",
      sortable: !top,
      render: ({ size_bytes, counts }) =>
        typeof size_bytes === "number" ? formatBytes(size_bytes) : counts ? <span className="dim">{formatBytes(counts.size_bytes)}</span> : "",
      text: ({ size_bytes }) => size_bytes ?? null,
    },
    ...(top ? [] : [modified]),
    {
      key: "auto",
      title: t("browse.col.auto"),
      width: 98,
      hideBelow: 1100,
      phone: "none",
      render: (node) => <AutoSwitch node={node} t={t} act={act} why={why} />,
      text: ({ auto_upload }) => (auto_upload ? 1 : 0),
    },
    { key: "rule", title: t("browse.col.rule"), width: 120, optional: !top, render: ({ store }) => store, text: ({ store }) => store },
    ...(top
      ? []
      : [
          {
            key: "attempts",
            title: t("files.attempts"),
            width: 58,
            align: "end",
            sortable: true,
            hideBelow: 1280,
            phone: "none",
            render: ({ attempts }) => (attempts ? attempts : ""),
            text: ({ attempts }) => attempts,
          } satisfies Column<FileNode>,
        ]),
    {
      key: "error",
      title: t("browse.error"),
      width: top ? "16%" : "22%",
      hideBelow: 1100,
      render: (node) => <Why node={node} language={language} />,
      text: ({ error_class, error }) => [error_class, error].filter(Boolean).join(": "),
    },
    {
      key: "address",
      title: t("browse.col.address"),
      width: "24%",
      optional: true,
      render: ({ address }) => (address ? <Mono text={address} most={48} /> : ""),
      text: ({ address }) => address,
    },
  ];
};

/** How many failed below, and the way to them where a centre keeps what happened. */
function Failed({ count, agent, below }: { count: string; agent: string; below: string }) {
  if (agent === LOCAL) return <span className="tree-failed">{count}</span>;
  return (
    <Link to="/events/files" search={{ agent: [agent], below: [`${below}/`], status: ["failed", "dead"] } as never} className="tree-failed underlined">
      {count}
    </Link>
  );
}

function NodeLink({ node, agent }: { node: FileNode; agent: string }) {
  const directory = isDirectory(node);
  return (
    <span className={node.on_disk ? "node-link" : "node-link off-disk"}>
      <Icon name={directory ? "folder" : node.kind === "link" ? "link" : "file"} size={14} />
      {directory || node.kind === "file" ? (
        <Link to="/files" search={{ agent, path: node.path } as never} className="row-open" title={node.path}>
          <PathText text={node.name} />
        </Link>
      ) : (
        <span className="el dim">{node.name}</span>
      )}
    </span>
  );
}

function NodeStatus({ node, t }: { node: FileNode; t: Translate }) {
  if (!node.on_disk && node.state) {
    return (
      <span className="node-gone" title={t("browse.offdisk")}>
        <Status tone={TONES[node.state]}>{t(`node.${node.state}`)}</Status>
      </span>
    );
  }
  if (node.state) return <Status tone={TONES[node.state]}>{t(`node.${node.state}`)}</Status>;
  if (node.kind === "root") return node.reason ? <Status tone="crit">{t("browse.root.broken")}</Status> : <Status tone="ok">{t("browse.root.ok")}</Status>;
  const counts = node.counts;
  if (counts?.failed) return <Status tone="warn">{t("browse.failed", { count: counts.failed })}</Status>;
  return counts ? <span className="dim">{t("browse.files", { count: counts.files })}</span> : null;
}

function Why({ node, language }: { node: FileNode; language: Language }) {
  const text = node.error_class ? wordOf(language, "class", node.error_class) : node.reason ? reasonText(language, node.reason) : "";
  return (
    <span className="el" title={node.error || text}>
      {text}
      {node.error && <span className="dim"> {node.error}</span>}
    </span>
  );
}

function AutoSwitch({ node, t, act, why }: { node: FileNode; t: Translate } & Pick<Context, "act" | "why">) {
  if (node.kind === "link" || node.kind === "other" || !node.on_disk) return null;
  const on = node.auto_upload;
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={on}
      aria-label={t("browse.auto.of", { name: node.name })}
      disabled={why !== undefined}
      title={why ?? t(on ? "browse.auto.on" : "browse.auto.off")}
      onClick={() => act({ kind: "switch", path: node.path, name: node.name, enabled: !on, directory: isDirectory(node) })}
    />
  );
}
