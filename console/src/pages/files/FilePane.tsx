import type { FileLife } from "../../api/files";
import type { Act } from "./Acts";
import { ContentPane } from "./ContentPane";
import { LifeStrip } from "./LifeStrip";

interface Props {
  agent: string;
  life: FileLife;
  roots: readonly string[];
  go: (path: string | undefined) => void;
  act: (act: Act) => void;
}

/** One file: its life above, what is in it below. */
export function FilePane({ agent, life, roots, go, act }: Props) {
  const { node } = life;
  return (
    <>
      <LifeStrip agent={agent} life={life} act={act} go={go} />
      {node.kind === "file" && node.on_disk && <ContentPane agent={agent} path={node.path} roots={roots} go={go} />}
    </>
  );
}
