import type { ReactNode } from "react";
import type { AgentChoice } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { formatCount } from "../../i18n/format";
import { Icon } from "../../ui/Icon";
import { Loading } from "../../ui/StateBlock";
import { Glyph } from "../../ui/Status";
import { TimeText } from "../../ui/TimeText";
import { Tree } from "../../ui/tree/Tree";
import { AgentPicker } from "./AgentPicker";
import { FilesProblem } from "./FilesProblem";
import { isDirectory, TONES } from "./states";
import { type NodeItem, TOP, type useTree } from "./useTree";

interface Props {
  agent: AgentChoice | undefined;
  tree: ReturnType<typeof useTree>;
  path: string | undefined;
  chooseAgent: (id: string) => void;
  choosePath: (path: string | undefined) => void;
  /** Below the tree. */
  children: ReactNode;
}

/** Whose files, and where: the agent and the tree of its watched directories. */
export function TreePane({ agent, tree, path, chooseAgent, choosePath, children }: Props) {
  const { t } = useI18n();
  const { about, branches } = tree;
  const top = branches.get(TOP);
  return (
    <aside className="card tree-pane">
      <div className="tree-head">
        <AgentPicker agent={agent} choose={chooseAgent} />
      </div>
      {tree.error !== null && !top?.items.length ? (
        <FilesProblem error={tree.error} retry={tree.reload} roots={[]} go={choosePath} />
      ) : top === undefined ? (
        <Loading rows={7} />
      ) : (
        <Tree<NodeItem>
          label={t("browse.tree")}
          root={TOP}
          branches={branches}
          open={tree.open}
          selected={path}
          toggle={tree.toggle}
          select={(item) => {
            if (item.branch && !tree.open.has(item.key)) tree.toggle(item.key);
            choosePath(item.key);
          }}
          fetchMore={tree.fetchMore}
          icon={iconOf}
          aside={asideOf}
        />
      )}
      {about && (
        <p className={about.stale ? "tree-foot stale" : "tree-foot dim"}>
          {t(about.stale ? "browse.asof.stale" : "browse.asof")} <TimeText at={about.asOf} relative />
        </p>
      )}
      {children}
    </aside>
  );
}

const iconOf = ({ node }: NodeItem) => (isDirectory(node) ? <Icon name="folder" size={14} /> : <Icon name="file" size={14} />);

const asideOf = (item: NodeItem) => <Aside item={item} />;

function Aside({ item: { node } }: { item: NodeItem }) {
  const { t, language } = useI18n();
  if (!isDirectory(node)) {
    return node.state ? (
      <span className={`status ${TONES[node.state]}`} title={t(`node.${node.state}`)}>
        <Glyph tone={TONES[node.state]} />
        <span className="sr">{t(`node.${node.state}`)}</span>
      </span>
    ) : null;
  }
  const off = node.auto_upload ? null : (
    <span className="tree-off" title={t("browse.auto.off")}>
      <Icon name="pause" size={12} />
      <span className="sr">{t("browse.auto.off")}</span>
    </span>
  );
  const counts = node.counts;
  return (
    <>
      {off}
      {counts?.failed ? (
        <span className="tree-failed">{t("browse.failed", { count: counts.failed })}</span>
      ) : (
        <span className="dim">{counts ? formatCount(counts.files, language) : ""}</span>
      )}
    </>
  );
}
