import { useMemo, useRef, useState } from "react";
import { useAgentChoices, useLife } from "../../api/files";
import { useKeys } from "../../app/keys";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import { queryClient } from "../../live/client";
import { Copy } from "../../ui/Copy";
import { QueryState } from "../../ui/QueryState";
import { Empty, Loading } from "../../ui/StateBlock";
import { useUsualAgent } from "./AgentPicker";
import { DirPane } from "./DirPane";
import { FilePane } from "./FilePane";
import { FilesProblem } from "./FilesProblem";
import { Acts, type Act } from "./Acts";
import { Incoming } from "./incoming/Incoming";
import { isDirectory } from "./states";
import { TreePane } from "./TreePane";
import { parentOf, usePlace } from "./usePlace";
import { useTree } from "./useTree";

import "../../styles/browse.css";

const NO_ROOTS: readonly string[] = [];

/** Did this file arrive, and what is in it? The tree of an agent; beside it a directory, or a file with its life. */
export function FilesPage() {
  const { t } = useI18n();
  const { search, go } = usePlace();
  const choices = useAgentChoices("");
  const named = useMemo(() => choices.data?.find(({ id }) => id === search.agent), [choices.data, search.agent]);
  const usual = useUsualAgent(choices.data);
  const agent = named ?? (search.agent === undefined ? usual : choices.data && { id: search.agent, name: "", state: null });
  const [version, setVersion] = useState(0);
  const [act, setAct] = useState<Act | null>(null);
  const tree = useTree(agent?.id, search.path, version);
  const roots = tree.about?.roots ?? NO_ROOTS;
  const path = search.path;
  const isRoot = path !== undefined && roots.includes(path);
  const life = useLife(agent?.id, path !== undefined && !isRoot && tree.about ? path : undefined);
  const node = life.data?.node;
  const changed = async (): Promise<void> => {
    setVersion((old) => old + 1);
    await queryClient.invalidateQueries({ queryKey: ["files"] });
  };
  const input = useRef<HTMLInputElement>(null);
  const directory = path === undefined ? "" : node && !isDirectory(node) ? parentOf(path, roots) : isRoot || node ? path : "";
  const up = path === undefined ? undefined : parentOf(path, roots) || undefined;
  useKeys([
    {
      key: "u",
      label: "browse.key.upload",
      run: () => {
        if (node?.kind === "file" && node.on_disk) setAct({ kind: "upload", path: node.path, name: node.name });
        else if (!node || isDirectory(node)) input.current?.click();
      },
    },
    { key: "Backspace", label: "browse.key.up", run: () => path !== undefined && go({ path: up }) },
  ]);
  const title = path === undefined ? "" : (path.slice(path.lastIndexOf("/") + 1) || path);
  const choosePath = (to: string | undefined): void => go({ agent: agent?.id, path: to });
  return (
    <div className={node && !isDirectory(node) ? "browse at-file" : "browse"}>
      <PageHead title={path === undefined ? t("nav.files") : title} scoped={false}>
        {path !== undefined && (
          <>
            <Copy text={path} what={path} />
            <span className="dim el head-path">{path}</span>
          </>
        )}
      </PageHead>
      {choices.error && !agent ? (
        <section className="card browse-wide">
          <QueryState query={choices}>{() => null}</QueryState>
        </section>
      ) : choices.data && !agent ? (
        <section className="card browse-wide">
          <Empty title={t("browse.noagents")} icon="server">
            {t("browse.noagents.sub")}
          </Empty>
        </section>
      ) : (
        <>
          <TreePane agent={agent} tree={tree} path={path} chooseAgent={(id) => go({ agent: id, path: undefined })} choosePath={choosePath}>
            <Incoming agent={agent} directory={directory} input={input} changed={changed} />
          </TreePane>
          <div className="browse-main">
            {path === undefined || isRoot || (node && isDirectory(node)) ? (
              agent && tree.about ? (
                <DirPane key={`${agent.id} ${path ?? ""}`} agent={agent.id} path={path ?? ""} go={choosePath} act={setAct} roots={roots} />
              ) : (
                <section className="card">{tree.error === null && <Loading rows={8} />}</section>
              )
            ) : life.error && !life.data ? (
              <section className="card">
                <FilesProblem error={life.error} retry={() => void life.refetch()} roots={roots} go={choosePath} />
              </section>
            ) : life.data && agent ? (
              <FilePane key={`${agent.id} ${path}`} agent={agent.id} life={life.data} act={setAct} roots={roots} go={choosePath} />
            ) : (
              <section className="card">{tree.error === null ? <Loading rows={10} /> : null}</section>
            )}
          </div>
        </>
      )}
      {act && agent && <Acts act={act} agent={agent.id} close={() => setAct(null)} changed={changed} />}
    </div>
  );
}
