import { useOverview } from "./queries";

export interface Build {
  id: string;
  version: string;
  startedAt: string | null;
}

/** What this process was built from; undefined until it said so. */
export function useBuild(): Build | undefined {
  const { data } = useOverview();
  return data && { id: data.build, version: data.version, startedAt: data.started_at };
}
