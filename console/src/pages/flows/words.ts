import type { Flow, PlannedStep, RunDetail, RunState, RunStep } from "../../api/flows";
import type { I18n } from "../../i18n/context";
import type { Link, Node } from "../../ui/graph/Graph";
import type { Tone } from "../../ui/Status";

/** What states of flows, runs and steps look like, and steps as a graph. */

export const FLOW_TONE: Readonly<Record<Flow["state"], Tone>> = { draft: "mute", published: "ok", retired: "mute" };

export const RUN_TONE: Readonly<Record<RunState, Tone>> = {
  running: "run", paused: "hold", succeeded: "ok", failed: "crit", cancelling: "run", compensating: "run", stuck: "crit", cancelled: "mute", compensated: "warn",
};

export const STEP_TONE: Readonly<Record<RunStep["state"], Tone>> = {
  pending: "mute", running: "run", succeeded: "ok", skipped: "mute", failed: "crit", cancelled: "mute", compensating: "run", compensated: "warn", undo_failed: "crit",
};

/** A run that waits for a person shows that before all else. */
export const runTone = ({ state, approvals }: { state: RunState; approvals: readonly string[] }): Tone => (state === "running" && approvals.length ? "hold" : RUN_TONE[state]);
export const runWord = ({ state, approvals }: { state: RunState; approvals: readonly string[] }, { t }: Pick<I18n, "t">): string =>
  state === "running" && approvals.length ? t("run.state.waits") : t(`run.state.${state}`);

export const isUndone = ({ state }: Pick<RunStep, "state">): boolean => state === "compensating" || state === "compensated" || state === "undo_failed";

const isAsking = (step: PlannedStep & Partial<RunStep>): boolean => step.action === "APPROVAL" && step.state === "running";

/** Steps as the graph draws them; those of a definition have no state. */
export function nodesOf(steps: readonly (PlannedStep & Partial<RunStep>)[], { t }: Pick<I18n, "t">): Node[] {
  return steps.map((step) => ({
    key: step.id,
    name: step.title || step.id,
    sub: [step.action === "APPROVAL" ? t("flow.approval") : step.action, ...(step.conditional ? [t("flow.conditional")] : []), ...(step.reused ? [t("run.step.reused")] : [])].join(" · "),
    tone: step.state === undefined ? null : isAsking(step) ? "hold" : STEP_TONE[step.state],
    word: step.state === undefined ? "" : isAsking(step) ? t("run.step.asks") : t(`run.step.${step.state}`),
    kind: step.action === "APPROVAL" ? "approval" : undefined,
  }));
}

export function linksOf(steps: readonly PlannedStep[], { t }: Pick<I18n, "t">): Link[] {
  return steps.flatMap((step) => step.needs.map((from): Link => ({ from, to: step.id, dashed: step.conditional, label: step.conditional ? t("flow.if") : undefined })));
}

/** A step and all that follow it. */
export function fromOn(steps: readonly PlannedStep[], first: string): string[] {
  const found = new Set([first]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { id, needs } of steps) if (needs.some((need) => found.has(need))) found.add(id);
  }
  return steps.map(({ id }) => id).filter((id) => found.has(id));
}

/** How a run stands, in one sentence. */
export function sayRun(run: RunDetail, { t }: Pick<I18n, "t">): string {
  const of = (...states: RunStep["state"][]): string => run.steps.filter(({ state }) => states.includes(state)).map(({ title, id }) => title || id).join(t("filter.join")) || t("none");
  const asking = run.steps.filter(isAsking).map(({ title }) => title).join(t("filter.join"));
  if (run.state === "running" && asking) return t("run.say.waits", { steps: asking });
  const done = run.steps.filter(({ state }) => state === "succeeded" || state === "skipped").length;
  const facts = { done, all: run.steps_total, running: of("running"), failed: of("failed", ...(run.state === "failed" ? (["cancelled"] as const) : [])), undoing: of("compensating"), stuck: of("undo_failed") };
  return t(`run.say.${run.state}`, facts as never);
}
