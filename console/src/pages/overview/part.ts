/** Which part of the overview is shown: all agents, or the edge of this very process. */
export type Part = "fleet" | "host";
export const PARTS: readonly Part[] = ["fleet", "host"];

interface Known {
  /** As the address says. */
  wanted: Part | undefined;
  /** This process has a centre; undefined = not known yet. */
  hasFleet: boolean | undefined;
  /** This process has an edge. */
  hasEdge: boolean;
  /** How many there are; undefined = not known yet. */
  agents: number | undefined;
}

/** What is shown; null = not known yet. A centre that knows its own edge only has nothing to say beside it. */
export function partOf({ wanted, hasFleet, hasEdge, agents }: Known): Part | null {
  if (hasFleet === undefined) return null;
  if (!hasFleet) return "host";
  if (!hasEdge) return "fleet";
  if (wanted) return wanted;
  if (agents === undefined) return null;
  return agents > 1 ? "fleet" : "host";
}
