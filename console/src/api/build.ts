import { useMe } from "./account";
import { useOverview } from "./queries";

export interface Build {
  id: string;
  version: string;
  /** null = not told. */
  startedAt: string | null;
}

/** What this process was built from; undefined until it said so. */
export function useBuild(): Build | undefined {
  const { data: me } = useMe();
  const { data: edge } = useOverview();
  if (edge) return { id: edge.build, version: edge.version, startedAt: edge.started_at };
  if (!me || me.process.has_edge) return undefined;
  return { id: me.process.build, version: me.process.version, startedAt: null };
}
